// core is a machine for whole layers: memory ports, double buffers, and an array of tiles (kernels/CORE.md).
//
// Function    One linear layer y = W x, output stationary, from packed weights and FP16 activations in memory to FP32
//             results in memory; at its end a report of cycles by cause.
// Parameters  Those of bitserial_tile; Tile: 0 bitserial_tile, 1 fp16_mac_tile, 2 int8_mac_tile, 3 fp16_int8_mac_tile,
//             4 ternary_tile with Sparse and ActInt8, 5 dequant_mac_tile, 6 plane_tile; TileRows x TileCols tiles;
//             BusBytes of a word of memory; WeightKib, ActivationKib, OutputKib: both halves of each buffer. Lanes and
//             Cols * TileCols are powers of two. A tile ignores what it does not have.
// Input       data[8*BusBytes]: the words that were asked for.
// Output      From bit 0: kind x2, address x32, words x24, count x32, data[8*BusBytes].
// Throughput  A step of the loop nest takes the longer of its transfers and its computing, and the fill of the tiles.
// Handshake   in_ready_o is high while words are outstanding; a command holds until it is taken.
module core #(
  parameter bit [31:0] Rows = 8,
  parameter bit [31:0] Cols = 8,
  parameter bit [31:0] Lanes = 4,
  parameter bit [31:0] TableBits = 4,
  parameter bit [31:0] TableTerms = 2,
  parameter bit [31:0] ShiftWidth = 3,
  parameter bit [31:0] AlignBits = 6,
  parameter bit [31:0] AccWidth = 20,
  parameter bit [31:0] GuardBits = 3,
  parameter bit [31:0] Rounding = 0,
  parameter bit [31:0] Exact = 0,
  parameter bit [31:0] Tile = 0,
  parameter bit [31:0] Sparse = 1,
  parameter bit [31:0] ActInt8 = 0,
  parameter bit [31:0] TileRows = 1,
  parameter bit [31:0] TileCols = 1,
  parameter bit [31:0] BusBytes = 16,
  parameter bit [31:0] WeightKib = 4,
  parameter bit [31:0] ActivationKib = 4,
  parameter bit [31:0] OutputKib = 4,
  localparam bit [31:0] BusBits = 8 * BusBytes,
  localparam bit [31:0] OutWidth = 2 + 32 + 24 + 32 + BusBits
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                cfg_valid_i,
  input  logic [7:0]          cfg_addr_i,
  input  logic [31:0]         cfg_data_i,
  input  logic                in_valid_i,
  output logic                in_ready_o,
  input  logic [BusBits-1:0]  in_data_i,
  output logic                out_valid_o,
  input  logic                out_ready_i,
  output logic [OutWidth-1:0] out_data_o
);
  localparam bit [31:0] ArrayRows = Rows * TileRows;
  localparam bit [31:0] ArrayCols = Cols * TileCols;
  localparam bit [31:0] Ports = (Tile == 1 || Tile == 5) ? 1 : (Rows + 7) / 8;
  localparam bit [31:0] ActBits = (Tile == 2 || (Tile == 4 && ActInt8 != 0)) ? 8 : 16;
  localparam bit [31:0] Codes = (Tile == 4 && Sparse != 0) ? Lanes / 4 : Lanes;
  localparam bit [31:0] FieldBits = (Tile == 1) ? 16 : (Tile == 5) ? 4 : (Tile == 6) ? 1 : (Tile != 4) ? 8
                                    : (Sparse != 0) ? 5 : 2;
  localparam bit [31:0] BankRows = Rows / Ports;
  localparam bit [31:0] Banks = Ports * TileRows;
  localparam bit [31:0] WeightWords = WeightKib * 512 / BusBytes;
  localparam bit [31:0] ActivationWords = ActivationKib * 512 / BusBytes / ArrayRows;
  localparam bit [31:0] OutputWords = OutputKib * 512 / (4 * ArrayCols) / Banks;
  localparam bit [7:0] Registers = 8'hC0;
  localparam bit [31:0] Causes = 9;

  // Register k of the layer is config_q[k * 32 +: 32].
  logic [32*32-1:0] config_q;
  logic start;
  assign start = cfg_valid_i && cfg_addr_i == Registers + 8'd32;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      config_q <= '0;
    end else begin
      for (int k = 0; k < 32; k++)
        if (cfg_valid_i && cfg_addr_i == Registers + 8'(k)) config_q[k*32 +: 32] <= cfg_data_i;
    end
  end

  // Compute: the step that it is at, and where its operands are.
  logic go, finished, computing_q, weight_half_q, activation_half_q, result_half_q;
  logic step_done, step_t_last, step_k_first, step_k_last, step_new_t, step_new_n;
  logic [23:0] computed_q, fetched, n_tiles, t_tiles;
  logic unused_last, unused_n_last, unused_next_t, unused_next_n;
  logic [23:0] unused_tokens;
  core_nest #(.Rows(ArrayRows)) u_steps (
    .clk_i, .rst_ni, .start_i(start), .next_i(finished), .config_i(config_q), .last_o(unused_last),
    .done_o(step_done), .t_last_o(step_t_last), .n_last_o(unused_n_last), .k_first_o(step_k_first),
    .k_last_o(step_k_last), .new_t_o(step_new_t), .new_n_o(step_new_n), .next_t_o(unused_next_t),
    .next_n_o(unused_next_n), .t_tiles_o(t_tiles), .n_tiles_o(n_tiles), .tokens_o(unused_tokens));
  assign go = !computing_q && !step_done && fetched > computed_q;
  always_ff @(posedge clk_i) begin
    if (!rst_ni || start) begin
      computing_q <= 1'b0;
      computed_q <= 24'd0;
      weight_half_q <= 1'b1;  // the first step turns it to half 0
      activation_half_q <= 1'b1;
      result_half_q <= 1'b0;
    end else begin
      if (go) computing_q <= 1'b1;
      else if (finished) computing_q <= 1'b0;
      if (finished) computed_q <= computed_q + 24'd1;
      if (finished && step_k_last) result_half_q <= !result_half_q;
      if (go && step_new_n) weight_half_q <= !weight_half_q;
      if (go && step_new_t) activation_half_q <= !activation_half_q;
    end
  end

  logic weight_write, weight_write_half, activation_write_half, result_read, result_read_half;
  logic [23:0] weight_write_word, activation_write_word, result_address, result_bank, result_slice;
  logic [ArrayRows-1:0] activation_write;
  logic [BusBits-1:0] result;
  logic running, for_activations, for_weights, writes;
  logic [Causes*32-1:0] counts_q;
  core_memory #(.Rows(ArrayRows), .Cols(ArrayCols), .Banks(Banks), .BankRows(BankRows), .BusBits(BusBits)) u_memory (
    .clk_i, .rst_ni, .config_i(config_q), .start_i(start), .computed_i(computed_q), .counts_i(counts_q),
    .in_valid_i, .in_ready_o, .out_valid_o, .out_ready_i, .out_data_o,
    .weight_write_o(weight_write), .weight_write_half_o(weight_write_half), .weight_write_word_o(weight_write_word),
    .activation_write_o(activation_write), .activation_write_half_o(activation_write_half),
    .activation_write_word_o(activation_write_word), .read_o(result_read), .read_half_o(result_read_half),
    .read_address_o(result_address), .bank_o(result_bank), .slice_o(result_slice), .result_i(result),
    .fetched_o(fetched), .running_o(running), .for_activations_o(for_activations), .for_weights_o(for_weights),
    .writes_o(writes));

  logic chunk_valid, fed, fields_left, group_last, tile_last, tiles_ready;
  logic [ArrayRows*Lanes*ActBits-1:0] activations;
  logic [ArrayCols*Codes*FieldBits-1:0] codes;
  logic [ArrayCols*2-1:0] selectors;
  logic [ArrayCols*8-1:0] zeros;
  logic [ArrayCols*16-1:0] scales;
  logic [ArrayCols*32-1:0] channels;
  core_feed #(
    .Rows(ArrayRows), .Cols(ArrayCols), .Lanes(Lanes), .ActBits(ActBits), .Codes(Codes), .FieldBits(FieldBits),
    .Subtract((Tile == 2 || Tile == 3) ? 1 : 0), .Planes((Tile == 6) ? 1 : 0),
    .Fives((Tile == 4 && Sparse == 0) ? 1 : 0), .BusBits(BusBits), .WeightWords(WeightWords),
    .ActivationWords(ActivationWords)
  ) u_feed (
    .clk_i, .rst_ni, .config_i(config_q), .go_i(go), .n_tiles_i(n_tiles), .t_tiles_i(t_tiles), .t_last_i(step_t_last),
    .k_last_i(step_k_last), .weight_half_i(weight_half_q), .activation_half_i(activation_half_q),
    .weight_write_i(weight_write),
    .weight_write_half_i(weight_write_half), .weight_write_word_i(weight_write_word),
    .activation_write_i(activation_write), .activation_write_half_i(activation_write_half),
    .activation_write_word_i(activation_write_word), .write_data_i(in_data_i), .tiles_ready_i(tiles_ready),
    .chunk_valid_o(chunk_valid), .fed_o(fed), .fields_left_o(fields_left), .activations_o(activations),
    .codes_o(codes), .selectors_o(selectors), .zeros_o(zeros), .scales_o(scales), .channels_o(channels),
    .group_last_o(group_last), .tile_last_o(tile_last));

  // All tiles see the same handshakes, so that tile 0 speaks for all of them.
  logic [TileRows*TileCols-1:0] tile_ready, tile_valid;
  logic [Banks*ArrayCols*32-1:0] tile_results;
  assign tiles_ready = tile_ready[0];
  for (genvar y = 0; y < TileRows; y++) begin : gen_row
    for (genvar x = 0; x < TileCols; x++) begin : gen_col
      logic [Ports*Cols*32-1:0] values;
      // What stands in a beat: the tile's activations and codes, and what is beside the codes.
      logic [Rows*Lanes*ActBits-1:0] act;
      logic [Cols*Codes*FieldBits-1:0] code;
      logic [Cols*48+2:0] side;
      assign act = activations[y*Rows*Lanes*ActBits +: Rows*Lanes*ActBits];
      assign code = codes[x*Cols*Codes*FieldBits +: Cols*Codes*FieldBits];
      assign side = {tile_last, group_last, config_q[9:8] == 2'd1, channels[x*Cols*32 +: Cols*32],
                     scales[x*Cols*16 +: Cols*16]};
      if (Tile == 1) begin : gen_fp16_mac
        fp16_mac_tile #(.Rows(Rows), .Cols(Cols)) u_tile (
          .clk_i, .rst_ni, .in_valid_i(chunk_valid), .in_ready_o(tile_ready[y*TileCols+x]),
          .in_data_i({tile_last, code, act}), .out_valid_o(tile_valid[y*TileCols+x]), .out_ready_i(1'b1),
          .out_data_o(values));
      end else if (Tile == 2) begin : gen_int8_mac
        int8_mac_tile #(.Rows(Rows), .Cols(Cols), .Lanes(Lanes), .AccWidth(AccWidth)) u_tile (
          .clk_i, .rst_ni, .in_valid_i(chunk_valid), .in_ready_o(tile_ready[y*TileCols+x]),
          .in_data_i({side, code, act}), .out_valid_o(tile_valid[y*TileCols+x]), .out_ready_i(1'b1),
          .out_data_o(values));
      end else if (Tile == 3) begin : gen_fp16_int8_mac
        fp16_int8_mac_tile #(
          .Rows(Rows), .Cols(Cols), .Lanes(Lanes), .AlignBits(AlignBits), .AccWidth(AccWidth), .GuardBits(GuardBits)
        ) u_tile (
          .clk_i, .rst_ni, .in_valid_i(chunk_valid), .in_ready_o(tile_ready[y*TileCols+x]),
          .in_data_i({side, code, act}), .out_valid_o(tile_valid[y*TileCols+x]), .out_ready_i(1'b1),
          .out_data_o(values));
      end else if (Tile == 4) begin : gen_ternary
        ternary_tile #(
          .Rows(Rows), .Cols(Cols), .Lanes(Lanes), .AlignBits(AlignBits), .AccWidth(AccWidth), .GuardBits(GuardBits),
          .Sparse(Sparse), .ActInt8(ActInt8)
        ) u_tile (
          .clk_i, .rst_ni, .in_valid_i(chunk_valid), .in_ready_o(tile_ready[y*TileCols+x]),
          .in_data_i({side, code, act}), .out_valid_o(tile_valid[y*TileCols+x]), .out_ready_i(1'b1),
          .out_data_o(values));
      end else if (Tile == 5) begin : gen_dequant_mac
        logic [Cols*8-1:0] bytes;
        for (genvar c = 0; c < Cols; c++) begin : gen_byte
          assign bytes[c*8 +: 8] = scales[(x*Cols+c)*16 +: 8];
        end
        dequant_mac_tile #(.Rows(Rows), .Cols(Cols)) u_tile (
          .clk_i, .rst_ni, .cfg_valid_i, .cfg_addr_i, .cfg_data_i,
          .in_valid_i(chunk_valid), .in_ready_o(tile_ready[y*TileCols+x]),
          .in_data_i({tile_last, selectors[x*Cols*2 +: Cols*2], bytes, code, act}),
          .out_valid_o(tile_valid[y*TileCols+x]), .out_ready_i(1'b1), .out_data_o(values));
      end else if (Tile == 6) begin : gen_plane
        plane_tile #(
          .Rows(Rows), .Cols(Cols), .Lanes(Lanes), .AlignBits(AlignBits), .AccWidth(AccWidth), .GuardBits(GuardBits)
        ) u_tile (
          .clk_i, .rst_ni, .cfg_valid_i(cfg_valid_i && cfg_addr_i == Registers), .cfg_addr_i(8'd0),
          .cfg_data_i({27'd0, cfg_data_i[4:0]}),  // the planes of the layer
          .in_valid_i(chunk_valid), .in_ready_o(tile_ready[y*TileCols+x]), .in_data_i({side, code, act}),
          .out_valid_o(tile_valid[y*TileCols+x]), .out_ready_i(1'b1), .out_data_o(values));
      end else begin : gen_bitserial
        bitserial_tile #(
          .Rows(Rows), .Cols(Cols), .Lanes(Lanes), .TableBits(TableBits), .TableTerms(TableTerms),
          .ShiftWidth(ShiftWidth), .AlignBits(AlignBits), .AccWidth(AccWidth), .GuardBits(GuardBits),
          .Rounding(Rounding), .Exact(Exact)
        ) u_tile (
          .clk_i, .rst_ni, .cfg_valid_i, .cfg_addr_i, .cfg_data_i,
          .in_valid_i(chunk_valid), .in_ready_o(tile_ready[y*TileCols+x]),
          .in_data_i({side, zeros[x*Cols*8 +: Cols*8], selectors[x*Cols*2 +: Cols*2], code, act}),
          .out_valid_o(tile_valid[y*TileCols+x]), .out_ready_i(1'b1), .out_data_o(values));
      end
      logic unused_side;
      assign unused_side = ^side;
      for (genvar p = 0; p < Ports; p++) begin : gen_port
        assign tile_results[((y*Ports+p)*ArrayCols+x*Cols)*32 +: Cols*32] = values[p*Cols*32 +: Cols*32];
      end
    end
  end

  core_results #(
    .Banks(Banks), .BankRows(BankRows), .Cols(ArrayCols), .BusBits(BusBits), .HalfWords(OutputWords)
  ) u_results (
    .clk_i, .rst_ni, .go_i(go), .half_i(result_half_q), .first_i(step_k_first), .n_tiles_i(n_tiles),
    .t_tiles_i(t_tiles),
    .store_i(tile_valid[0]), .store_data_i(tile_results), .last_o(finished), .read_i(result_read),
    .read_half_i(result_read_half), .read_address_i(result_address), .bank_i(result_bank), .slice_i(result_slice),
    .data_o(result));

  // Every cycle of a layer is booked to one cause.
  logic [3:0] cause;
  always_comb begin
    if (computing_q) cause = chunk_valid ? 4'd5 : !fed ? 4'd4 : fields_left ? 4'd6 : 4'd7;
    else if (step_done) cause = 4'd8;
    else if (for_activations) cause = 4'd0;
    else if (for_weights) cause = 4'd1;
    else cause = writes ? 4'd2 : 4'd3;
  end
  for (genvar k = 0; k < Causes; k++) begin : gen_count
    always_ff @(posedge clk_i) begin
      if (!rst_ni || start) counts_q[k*32 +: 32] <= 32'd0;
      else if (running && cause == 4'(k)) counts_q[k*32 +: 32] <= counts_q[k*32 +: 32] + 32'd1;
    end
  end

  logic unused;
  assign unused = ^{tile_ready, tile_valid, zeros, selectors, unused_last, unused_n_last, unused_next_t,
                    unused_next_n, unused_tokens};
endmodule
