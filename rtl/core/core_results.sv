// The output buffer: results of two pairs of blocks, one half each, in banks of which every output beat of the tiles
// fills one word each.
//
// Function    From go_i on the beats of a step are stored, token tiles inside output tiles: beat i of a tile holds row
//             i of each bank. Word (t * BankRows + i) * n_tiles + n of a half is row i of token tile t, output tile n:
//             a row of the block lies together. Without first_i they are added to what the word holds, which is read
//             with the beat before. last_o is high with the last beat of the step.
(* keep_hierarchy *)
module core_results #(
  parameter bit [31:0] Banks = 1,     // ports of a tile times rows of tiles
  parameter bit [31:0] BankRows = 8,  // output beats of a tile
  parameter bit [31:0] Cols = 8,
  parameter bit [31:0] BusBits = 128,
  parameter bit [31:0] HalfWords = 8  // words of a bank in a half
) (
  input  logic                     clk_i,
  input  logic                     rst_ni,
  input  logic                     go_i,
  input  logic                     half_i,       // that is filled
  input  logic                     first_i,      // the step is the first one of its pair
  input  logic [23:0]              n_tiles_i,
  input  logic [23:0]              t_tiles_i,
  input  logic                     store_i,
  input  logic [Banks*Cols*32-1:0] store_data_i,
  output logic                     last_o,
  input  logic                     read_i,
  input  logic                     read_half_i,
  input  logic [23:0]              read_address_i,
  input  logic [23:0]              bank_i,       // of the word that was read
  input  logic [23:0]              slice_i,      // word of the bus in it
  output logic [BusBits-1:0]       data_o
);
  localparam bit [31:0] Width = Cols * 32;
  localparam bit [31:0] BitBits = (Banks * Width > 1) ? $clog2(Banks * Width) : 1;

  logic [23:0] n_q, t_q, i_q, address_q, next_address;
  logic last_i, last_t;
  assign last_i = i_q + 24'd1 == 24'(BankRows);
  assign last_t = t_q + 24'd1 == t_tiles_i;
  assign last_o = store_i && last_i && last_t && n_q + 24'd1 == n_tiles_i;
  assign next_address = (last_i && last_t) ? n_q + 24'd1 : address_q + n_tiles_i;
  always_ff @(posedge clk_i) begin
    if (!rst_ni || go_i) begin
      n_q <= 24'd0;
      t_q <= 24'd0;
      i_q <= 24'd0;
      address_q <= 24'd0;
    end else if (store_i) begin
      i_q <= last_i ? 24'd0 : i_q + 24'd1;
      if (last_i) t_q <= last_t ? 24'd0 : t_q + 24'd1;
      if (last_i && last_t) n_q <= n_q + 24'd1;
      address_q <= next_address;
    end
  end

  // Memory reads a half only while the other one is filled, or none is.
  logic fetch;
  logic [1:0] fills, memory_reads;
  assign fills = {half_i, !half_i};
  assign fetch = go_i || (store_i && !last_o);
  assign memory_reads = {read_i && read_half_i, read_i && !read_half_i};

  logic [Banks*Width-1:0] words, held, sums;
  logic [2*Banks*Width-1:0] halves;
  for (genvar b = 0; b < Banks; b++) begin : gen_bank
    for (genvar half = 0; half < 2; half++) begin : gen_half
      core_sram #(.Width(Width), .Depth(HalfWords), .Lanes(1)) u_words (
        .clk_i, .write_i(store_i && fills[half]), .write_address_i(address_q), .write_lane_i(24'd0),
        .write_data_i(first_i ? store_data_i[b*Width +: Width] : sums[b*Width +: Width]),
        .read_i(memory_reads[half] || (fetch && fills[half])),
        .read_address_i(memory_reads[half] ? read_address_i : go_i ? 24'd0 : next_address),
        .read_data_o(halves[(2*b+half)*Width +: Width]));
    end
    assign words[b*Width +: Width] = read_half_i ? halves[(2*b+1)*Width +: Width] : halves[2*b*Width +: Width];
    assign held[b*Width +: Width] = half_i ? halves[(2*b+1)*Width +: Width] : halves[2*b*Width +: Width];
  end
  for (genvar v = 0; v < Banks * Cols; v++) begin : gen_sum
    core_sum u_sum (.a_i(held[v*32 +: 32]), .b_i(store_data_i[v*32 +: 32]), .sum_o(sums[v*32 +: 32]));
  end
  // A slice of a bank's word is a word of the bus.
  logic [31:0] slice;
  assign slice = 32'(bank_i) * (Width / BusBits) + 32'(slice_i);
  assign data_o = words[BitBits'(slice * BusBits) +: BusBits];
endmodule
