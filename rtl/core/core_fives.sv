// The trits of one of five chunks that share a field, in which each column has Lanes bytes of five trits.
//
// Function    Part k has trits k * Lanes .. k * Lanes + Lanes - 1 of each column (ternary5_decode). Part 0 takes them
//             from bytes_i and, at the edge at which load_i is high, keeps the bytes for the parts that follow.
module core_fives #(
  parameter bit [31:0] Cols = 8,
  parameter bit [31:0] Lanes = 4
) (
  input  logic                    clk_i,
  input  logic                    load_i,  // the chunk leaves
  input  logic [2:0]              part_i,
  input  logic [Cols*Lanes*8-1:0] bytes_i,
  output logic [Cols*Lanes*2-1:0] trits_o  // {negative, nonzero}
);
  logic [Cols*Lanes*8-1:0] bytes, bytes_q;
  assign bytes = (part_i == 3'd0) ? bytes_i : bytes_q;
  always_ff @(posedge clk_i) if (load_i && part_i == 3'd0) bytes_q <= bytes_i;

  for (genvar c = 0; c < Cols; c++) begin : gen_col
    logic [5*Lanes*2-1:0] all, of_part;
    for (genvar b = 0; b < Lanes; b++) begin : gen_byte
      logic [9:0] codes;
      ternary5_decode u_decode (.byte_i(bytes[(c*Lanes+b)*8 +: 8]), .codes_o(codes));
      for (genvar i = 0; i < 5; i++) begin : gen_trit
        assign all[10*b+2*i +: 2] = {~(codes[2*i+1] | codes[2*i]), ~codes[2*i]};
      end
    end
    assign of_part = all >> (32'(part_i) * Lanes * 2);
    assign trits_o[c*Lanes*2 +: Lanes*2] = of_part[Lanes*2-1:0];
    logic unused;
    assign unused = ^of_part[5*Lanes*2-1:Lanes*2];
  end
endmodule
