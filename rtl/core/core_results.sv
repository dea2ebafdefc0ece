// The output buffer: results of two steps, one half each, in banks of which every output beat of the tiles fills one
// word each.
//
// Function    From go_i on the beats of a step are stored, token tiles inside output tiles: beat i of a tile holds row
//             i of each bank. Word (t * BankRows + i) * n_tiles + n of a half is row i of token tile t, output tile n:
//             a row of the block lies together. last_o is high with the last beat of the step.
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

  logic [23:0] n_q, t_q, i_q, address_q;
  logic last_i, last_t;
  assign last_i = i_q + 24'd1 == 24'(BankRows);
  assign last_t = t_q + 24'd1 == t_tiles_i;
  assign last_o = store_i && last_i && last_t && n_q + 24'd1 == n_tiles_i;
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
      address_q <= (last_i && last_t) ? n_q + 24'd1 : address_q + n_tiles_i;
    end
  end

  logic [23:0] store_address, read_address;
  assign store_address = address_q + (half_i ? 24'(HalfWords) : 24'd0);
  assign read_address = read_address_i + (read_half_i ? 24'(HalfWords) : 24'd0);

  logic [Banks*Width-1:0] words;
  for (genvar b = 0; b < Banks; b++) begin : gen_bank
    core_sram #(.Width(Width), .Depth(2 * HalfWords), .Lanes(1)) u_words (
      .clk_i, .write_i(store_i), .write_address_i(store_address), .write_lane_i(24'd0),
      .write_data_i(store_data_i[b*Width +: Width]), .read_i, .read_address_i(read_address),
      .read_data_o(words[b*Width +: Width]));
  end
  logic [Banks*Width-1:0] shifted;
  assign shifted = words >> (32'(bank_i) * Width + 32'(slice_i) * BusBits);
  assign data_o = shifted[BusBits-1:0];

  if (Banks * Width > BusBits) begin : gen_unused
    logic unused;
    assign unused = ^shifted[Banks*Width-1:BusBits];
  end
endmodule
