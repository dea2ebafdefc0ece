// matquant_slice makes MatQuant's slice of an eight-bit code, rounded half up and clamped (kernels/ARITHMETIC.md 11,
// kernels/TIMING.md).
//
// Function    T = the code's top Bits bits, b = the next one: slice = min(T + b, 2^Bits - 1). What a memory must
//             deliver for a view of Bits bits of a MatQuant parent is one plane more; a nested bipolar code needs
//             neither that nor this unit.
// Parameters  Codes per beat, in 1..256; Bits of a slice, in 1..7.
// Input       {code[Codes] x(Bits+1)}: the top planes of an offset code
//             (two's complement with its sign bit flipped), code 0 lowest.
// Output      {slice[Codes] x Bits}: an offset code too.
// Latency     0: no registers.
// Throughput  One beat per cycle.
// Handshake   out_valid = in_valid, in_ready = out_ready.
// Cycles      n beats take n cycles.
module matquant_slice #(
  parameter bit [31:0] Codes = 16,
  parameter bit [31:0] Bits = 4
) (
  input  logic                      clk_i,
  input  logic                      rst_ni,
  input  logic                      in_valid_i,
  output logic                      in_ready_o,
  input  logic [Codes*(Bits+1)-1:0] in_data_i,
  output logic                      out_valid_o,
  input  logic                      out_ready_i,
  output logic [Codes*Bits-1:0]     out_data_o
);
  assign in_ready_o = out_ready_i;
  assign out_valid_o = in_valid_i;

  for (genvar i = 0; i < Codes; i++) begin : gen_code
    logic [Bits-1:0] top;
    logic            next, largest, up;
    assign {top, next} = in_data_i[i*(Bits+1) +: Bits+1];
    assign largest = &top;
    assign up = next && !largest;
    assign out_data_o[i*Bits +: Bits] = top + Bits'(up);
  end

  logic unused_clock;
  assign unused_clock = clk_i ^ rst_ni;
endmodule
