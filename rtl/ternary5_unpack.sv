// ternary5_unpack turns bytes into five trits each (kernels/ARITHMETIC.md 6, kernels/TIMING.md).
//
// Function    Trit n of byte q is ((q 3^n mod 256) 3) >> 8 less one. Every byte is legal; a zero trit is 00.
// Parameters  Bytes per beat, in 1..64.
// Input       {byte[Bytes] x8}: byte 0 lowest.
// Output      {trit[5*Bytes] x2}: a trit is {negative, nonzero}, two's complement.
// Latency     0: no registers; five adders in a row.
// Throughput  One beat per cycle.
// Handshake   out_valid = in_valid, in_ready = out_ready.
// Cycles      n beats take n cycles.
module ternary5_unpack #(
  parameter bit [31:0] Bytes = 8
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                in_valid_i,
  output logic                in_ready_o,
  input  logic [Bytes*8-1:0]  in_data_i,
  output logic                out_valid_o,
  input  logic                out_ready_i,
  output logic [Bytes*10-1:0] out_data_o
);
  assign in_ready_o = out_ready_i;
  assign out_valid_o = in_valid_i;

  for (genvar b = 0; b < Bytes; b++) begin : gen_byte
    logic [9:0] codes;
    ternary5_decode u_decode (.byte_i(in_data_i[8*b +: 8]), .codes_o(codes));
    for (genvar i = 0; i < 5; i++) begin : gen_trit
      assign out_data_o[10*b+2*i +: 2] = {~(codes[2*i+1] | codes[2*i]), ~codes[2*i]};
    end
  end

  logic unused_clock;
  assign unused_clock = clk_i ^ rst_ni;
endmodule
