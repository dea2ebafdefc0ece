// ternary34_unpack turns five-bit codes into four trits with exactly one zero each (kernels/ARITHMETIC.md 6,
// kernels/TIMING.md).
//
// Function    Each code gives the four trits of its group. Every code is legal; a zero trit is 00.
// Parameters  Groups per beat, in 1..64; eight groups are five bytes and 32 trits.
// Input       {code[Groups] x5}: group 0 lowest; a code is {first sign, place of the zero x2, two relative signs}.
// Output      {trit[4*Groups] x2}: a trit is {negative, nonzero}, two's complement.
// Latency     0: no registers.
// Throughput  One beat per cycle.
// Handshake   out_valid = in_valid, in_ready = out_ready.
// Cycles      n beats take n cycles.
module ternary34_unpack #(
  parameter bit [31:0] Groups = 8
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                in_valid_i,
  output logic                in_ready_o,
  input  logic [Groups*5-1:0] in_data_i,
  output logic                out_valid_o,
  input  logic                out_ready_i,
  output logic [Groups*8-1:0] out_data_o
);
  assign in_ready_o = out_ready_i;
  assign out_valid_o = in_valid_i;

  for (genvar g = 0; g < Groups; g++) begin : gen_group
    logic [3:0] nonzero, negative;
    ternary34_decode u_decode (.code_i(in_data_i[5*g +: 5]), .nonzero_o(nonzero), .negative_o(negative));
    for (genvar i = 0; i < 4; i++) begin : gen_trit
      assign out_data_o[8*g+2*i +: 2] = {negative[i] & nonzero[i], nonzero[i]};
    end
  end

  logic unused_clock;
  assign unused_clock = clk_i ^ rst_ni;
endmodule
