// A memory of words that are written in parts: one write port and one read port, as an SRAM macro with a mask has.
//
// Function    A write puts Width / Lanes bits into part write_lane_i of a word. A read gives the word after the edge,
//             and the output holds until the next read. Reading a word at the edge that writes it gives the old word.
// Synthesis   The attribute memory_macro makes this body a black box, whose area and access time come from a table of
//             SRAM macros (`subbyte synth --design`).
(* keep_hierarchy, memory_macro *)
module core_sram #(
  parameter bit [31:0] Width = 64,
  parameter bit [31:0] Depth = 16,
  parameter bit [31:0] Lanes = 1
) (
  input  logic                   clk_i,
  input  logic                   write_i,
  input  logic [23:0]            write_address_i,
  input  logic [23:0]            write_lane_i,
  input  logic [Width/Lanes-1:0] write_data_i,
  input  logic                   read_i,
  input  logic [23:0]            read_address_i,
  output logic [Width-1:0]       read_data_o
);
  localparam bit [31:0] AddressWidth = (Depth > 1) ? $clog2(Depth) : 1;
  localparam bit [31:0] Part = Width / Lanes;

  for (genvar l = 0; l < Lanes; l++) begin : gen_lane
    logic [Part-1:0] words [0:Depth-1];
    logic [Part-1:0] read_q;
    always_ff @(posedge clk_i) begin
      if (write_i && write_lane_i == 24'(l)) words[write_address_i[AddressWidth-1:0]] <= write_data_i;
      if (read_i) read_q <= words[read_address_i[AddressWidth-1:0]];
    end
    assign read_data_o[l*Part +: Part] = read_q;
  end

  logic unused_address;
  assign unused_address = ^{write_address_i, read_address_i};
endmodule
