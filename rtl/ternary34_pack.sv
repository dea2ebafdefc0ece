// ternary34_pack turns four trits with one zero into a five-bit code (kernels/ARITHMETIC.md 6, kernels/TIMING.md).
//
// Function    Each group of four trits gives its code, or code 0 and an error when the number of zeros is not one.
//             The trit 10 is read as a zero.
// Parameters  Groups per beat, in 1..64; eight groups are five bytes and 32 trits.
// Input       {trit[4*Groups] x2}: trit 0 of group 0 lowest; a trit is {negative, nonzero}.
// Output      {error[Groups], code[Groups] x5}: codes lowest, a code is {first sign, place of the zero x2,
//             two relative signs}.
// Latency     0: no registers.
// Throughput  One beat per cycle.
// Handshake   out_valid = in_valid, in_ready = out_ready.
// Cycles      n beats take n cycles.
module ternary34_pack #(
  parameter bit [31:0] Groups = 8
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                in_valid_i,
  output logic                in_ready_o,
  input  logic [Groups*8-1:0] in_data_i,
  output logic                out_valid_o,
  input  logic                out_ready_i,
  output logic [Groups*6-1:0] out_data_o
);
  assign in_ready_o = out_ready_i;
  assign out_valid_o = in_valid_i;

  for (genvar g = 0; g < Groups; g++) begin : gen_group
    logic [3:0] nonzero, negative;
    logic [4:0] code;
    logic       error;
    for (genvar i = 0; i < 4; i++) begin : gen_trit
      assign {negative[i], nonzero[i]} = in_data_i[8*g+2*i +: 2];
    end
    ternary34_encode u_encode (.nonzero_i(nonzero), .negative_i(negative), .code_o(code), .error_o(error));
    assign out_data_o[5*g +: 5] = error ? 5'd0 : code;
    assign out_data_o[5*Groups+g] = error;
  end

  logic unused_clock;
  assign unused_clock = clk_i ^ rst_ni;
endmodule
