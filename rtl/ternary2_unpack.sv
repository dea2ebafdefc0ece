// ternary2_unpack turns two-bit codes into trits (kernels/ARITHMETIC.md 6, kernels/TIMING.md).
//
// Function    Codes 0 1 2 give -1 0 +1; code 3, which no quantizer emits, gives 0.
//             The denser layouts are compared with it.
// Parameters  Codes per beat, in 1..256.
// Input       {code[Codes] x2}: code 0 lowest.
// Output      {trit[Codes] x2}: a trit is {negative, nonzero}, two's complement.
// Latency     0: no registers.
// Throughput  One beat per cycle.
// Handshake   out_valid = in_valid, in_ready = out_ready.
// Cycles      n beats take n cycles.
module ternary2_unpack #(
  parameter bit [31:0] Codes = 32
) (
  input  logic               clk_i,
  input  logic               rst_ni,
  input  logic               in_valid_i,
  output logic               in_ready_o,
  input  logic [Codes*2-1:0] in_data_i,
  output logic               out_valid_o,
  input  logic               out_ready_i,
  output logic [Codes*2-1:0] out_data_o
);
  assign in_ready_o = out_ready_i;
  assign out_valid_o = in_valid_i;

  for (genvar i = 0; i < Codes; i++) begin : gen_code
    assign out_data_o[2*i +: 2] = {~(in_data_i[2*i+1] | in_data_i[2*i]), ~in_data_i[2*i]};
  end

  logic unused_clock;
  assign unused_clock = clk_i ^ rst_ni;
endmodule
