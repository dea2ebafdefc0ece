// Reads the fields of a step from the weight and activation buffers and feeds the tiles (kernels/CORE.md).
//
// Function    From go_i on it walks through the output tiles, token tiles, groups and chunks of the step. Stage 1 is
//             the output of the buffers, stage 2 the chunk that the tiles see; channel scales and metadata leave stage
//             1 into registers beside it and stand beside the first chunk that they belong to.
//             With Planes a chunk comes as its planes, under activations that are read with the first of them. With
//             Fives the codes of five chunks are read with the first of them and held.
// Throughput  One field per cycle; a chunk stays in stage 2 until tiles_ready_i.
(* keep_hierarchy *)
module core_feed #(
  parameter bit [31:0] Rows = 8,
  parameter bit [31:0] Cols = 8,
  parameter bit [31:0] Lanes = 4,
  parameter bit [31:0] ActBits = 16,   // of an activation
  parameter bit [31:0] Codes = 4,      // of a column in a chunk
  parameter bit [31:0] FieldBits = 8,  // of a code as the tile takes it
  parameter bit [31:0] Subtract = 0,   // zero points are subtracted from codes
  parameter bit [31:0] Planes = 0,     // a chunk is as many fields as codes have bits
  parameter bit [31:0] Fives = 0,      // codes of 8 bits are bytes of five trits, which five chunks share
  parameter bit [31:0] BusBits = 128,
  parameter bit [31:0] WeightWords = 128,     // words of the bus in half of the weight buffer
  parameter bit [31:0] ActivationWords = 16,  // the same of each row's activation buffer
  localparam bit [31:0] WeightWidth = Cols * 8 * ((Lanes > 4) ? Lanes : 4),
  localparam bit [31:0] ActivationWidth = (BusBits > Lanes * ActBits) ? BusBits : Lanes * ActBits
) (
  input  logic                     clk_i,
  input  logic                     rst_ni,
  input  logic [32*32-1:0]         config_i,
  input  logic                     go_i,
  input  logic [23:0]              n_tiles_i,
  input  logic [23:0]              t_tiles_i,
  input  logic                     t_last_i,
  input  logic                     k_last_i,       // the block of inputs is the layer's last
  input  logic                     weight_half_i,
  input  logic                     activation_half_i,
  input  logic                     weight_write_i,
  input  logic                     weight_write_half_i,
  input  logic [23:0]              weight_write_word_i,
  input  logic [Rows-1:0]          activation_write_i,
  input  logic                     activation_write_half_i,
  input  logic [23:0]              activation_write_word_i,
  input  logic [BusBits-1:0]       write_data_i,
  input  logic                     tiles_ready_i,
  output logic                     chunk_valid_o,
  output logic                     fed_o,          // a chunk of this step was in stage 2
  output logic                     fields_left_o,  // there are fields that are not in stage 2 yet
  output logic [Rows*Lanes*ActBits-1:0]    activations_o,
  output logic [Cols*Codes*FieldBits-1:0]  codes_o,
  output logic [Cols*2-1:0]        selectors_o,
  output logic [Cols*8-1:0]        zeros_o,
  output logic [Cols*16-1:0]       scales_o,
  output logic [Cols*32-1:0]       channels_o,
  output logic                     group_last_o,
  output logic                     tile_last_o
);
  localparam bit [1:0] Channel = 2'd0;
  localparam bit [1:0] Metadata = 2'd1;
  localparam bit [1:0] Chunk = 2'd2;
  localparam bit [31:0] WordShift = $clog2(BusBits);

  // Configuration.
  logic [4:0] code_bits;
  logic [3:0] zero_bits;
  logic sign_extend, channel, scale_u8;
  logic [1:0] scale_bytes, selector_bits;
  assign code_bits = config_i[4:0];
  assign sign_extend = config_i[6];
  assign channel = config_i[7];
  assign scale_bytes = config_i[9:8];
  assign scale_u8 = scale_bytes == 2'd1;
  assign selector_bits = config_i[11:10];
  assign zero_bits = config_i[15:12];
  logic [23:0] row_words, tile_words, groups, chunks, chunks_last, group;
  logic [8:0] tokens_last;
  logic [4:0] tail_last, tail;
  assign tokens_last = config_i[8*32 +: 9];
  assign row_words = k_last_i ? config_i[10*32 +: 24] : config_i[9*32 +: 24];
  assign tile_words = k_last_i ? config_i[12*32 +: 24] : config_i[11*32 +: 24];
  assign groups = k_last_i ? config_i[16*32 +: 24] : config_i[15*32 +: 24];
  assign chunks = config_i[17*32 +: 24];
  assign chunks_last = config_i[18*32 +: 24];
  assign tail_last = config_i[19*32 +: 5];
  assign tail = config_i[19*32+8 +: 5];
  assign group = config_i[20*32 +: 24];

  // The walk.
  logic reading_q;
  logic [1:0] kind_q, first_kind, group_kind;
  logic [23:0] n_q, t_q, group_q, chunk_q;
  logic [4:0] plane_q;
  logic [2:0] part_q;
  logic [31:0] tile_bit_q, bit_q, row_bit_q, group_input_q, input_q;
  logic last_group, last_of_all, last_chunk, last_plane, group_done, last_t, last_n;
  assign group_kind = ({scale_bytes, selector_bits, zero_bits} != 8'd0) ? Metadata : Chunk;
  assign first_kind = channel ? Channel : group_kind;
  assign last_group = group_q + 24'd1 == groups;
  assign last_of_all = last_group && k_last_i;
  assign last_chunk = chunk_q + 24'd1 == (last_of_all ? chunks_last : chunks);
  assign last_plane = Planes == 0 || plane_q + 5'd1 == code_bits;
  logic fives, held;  // held: the codes of the chunk that is read stand in a field that was read before
  assign fives = Fives != 0 && code_bits == 5'd8;
  assign held = kind_q == Chunk && part_q != 3'd0;
  assign group_done = last_chunk && last_plane;
  assign last_t = t_q + 24'd1 == t_tiles_i;
  assign last_n = n_q + 24'd1 == n_tiles_i;

  logic [31:0] field_bits, next_tile_bit, next_group_input;
  assign next_group_input = group_input_q + 32'(group);
  always_comb begin
    unique case (kind_q)
      Channel: field_bits = Cols * 32;
      Metadata: field_bits = Cols * (32'(scale_bytes) * 32'd8 + 32'(selector_bits) + 32'(zero_bits));
      default: field_bits = held ? 32'd0 : (Planes != 0) ? Cols * Codes : Cols * Codes * 32'(code_bits);
    endcase
  end
  assign next_tile_bit = tile_bit_q + (32'(tile_words) << WordShift);

  logic v1_q, v2_q, move1, move2, read;
  logic [1:0] kind1_q;
  assign move2 = v2_q && tiles_ready_i;
  assign move1 = v1_q && (kind1_q != Chunk || !v2_q || move2);
  assign read = reading_q && (!v1_q || move1);

  logic tile_done;
  assign tile_done = read && kind_q == Chunk && group_done && last_group;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      reading_q <= 1'b0;
    end else if (go_i) begin
      reading_q <= 1'b1;
    end else if (tile_done && last_t && last_n) begin
      reading_q <= 1'b0;
    end
    if (go_i) begin
      kind_q <= first_kind;
      n_q <= 24'd0;
      t_q <= 24'd0;
      group_q <= 24'd0;
      tile_bit_q <= 32'd0;
      bit_q <= 32'd0;
      row_bit_q <= 32'd0;
      chunk_q <= 24'd0;
      plane_q <= 5'd0;
      part_q <= 3'd0;
      group_input_q <= 32'd0;
      input_q <= 32'd0;
    end else if (read) begin
      bit_q <= bit_q + field_bits;
      unique case (kind_q)
        Channel: kind_q <= group_kind;
        Metadata: kind_q <= Chunk;
        default: begin
          plane_q <= last_plane ? 5'd0 : plane_q + 5'd1;
          part_q <= (!fives || part_q == 3'd4 || tile_done) ? 3'd0 : part_q + 3'd1;
          if (last_plane) chunk_q <= chunk_q + 24'd1;
          if (last_plane) input_q <= input_q + Lanes;
          if (group_done) begin
            kind_q <= group_kind;
            chunk_q <= 24'd0;
            group_q <= group_q + 24'd1;
            group_input_q <= next_group_input;
            input_q <= next_group_input;
          end
          if (tile_done) begin
            kind_q <= first_kind;
            group_q <= 24'd0;
            group_input_q <= 32'd0;
            input_q <= 32'd0;
            t_q <= last_t ? 24'd0 : t_q + 24'd1;
            row_bit_q <= last_t ? 32'd0 : row_bit_q + (32'(row_words) << WordShift);
            if (last_t) n_q <= n_q + 24'd1;
            if (last_t) tile_bit_q <= next_tile_bit;
            bit_q <= last_t ? next_tile_bit : tile_bit_q;
          end
        end
      endcase
    end
  end

  // Stage 1 is the output of the buffers and what goes with it.
  logic [4:0] inputs1_q;
  logic [2:0] part1_q;
  logic [8:0] tokens1_q;
  logic group_first1_q, group_last1_q, tile_last1_q;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) v1_q <= 1'b0;
    else v1_q <= read || (v1_q && !move1);
    if (read) begin
      kind1_q <= kind_q;
      part1_q <= part_q;
      inputs1_q <= !last_chunk ? 5'(Lanes) : last_of_all ? tail_last : tail;
      tokens1_q <= (t_last_i && last_t) ? tokens_last : 9'(Rows);
      group_first1_q <= chunk_q == 24'd0 && plane_q == 5'd0;
      group_last1_q <= group_done;
      tile_last1_q <= group_done && last_group;
    end
  end

  logic [WeightWidth-1:0] field;
  core_window #(.Width(WeightWidth), .BusBits(BusBits), .HalfWords(WeightWords)) u_weights (
    .clk_i, .write_i(weight_write_i), .write_half_i(weight_write_half_i), .write_word_i(weight_write_word_i),
    .write_data_i, .read_i(read && !held), .read_half_i(weight_half_i), .read_bit_i(bit_q), .data_o(field));

  logic [Rows*Lanes*ActBits-1:0] activations1;
  for (genvar r = 0; r < Rows; r++) begin : gen_row
    logic [ActivationWidth-1:0] lanes;
    core_window #(.Width(ActivationWidth), .BusBits(BusBits), .HalfWords(ActivationWords)) u_activations (
      .clk_i, .write_i(activation_write_i[r]), .write_half_i(activation_write_half_i),
      .write_word_i(activation_write_word_i), .write_data_i, .read_i(read && plane_q == 5'd0),
      .read_half_i(activation_half_i),
      .read_bit_i(row_bit_q + input_q * ActBits), .data_o(lanes));
    for (genvar l = 0; l < Lanes; l++) begin : gen_lane
      assign activations1[(r*Lanes+l)*ActBits +: ActBits] =
          (tokens1_q > 9'(r) && inputs1_q > 5'(l)) ? lanes[l*ActBits +: ActBits] : '0;
    end
    if (ActivationWidth > Lanes * ActBits) begin : gen_unused
      logic unused;
      assign unused = ^lanes[ActivationWidth-1:Lanes*ActBits];
    end
  end

  // A field as codes, and as metadata: scales, then selectors, then zero points.
  logic [Cols*8-1:0] zeros;
  logic [Cols*Codes*FieldBits-1:0] codes1;
  if (Fives != 0) begin : gen_fives
    logic [Cols*Codes*2-1:0] trits;
    core_fives #(.Cols(Cols), .Lanes(Codes)) u_fives (
      .clk_i, .load_i(move1 && kind1_q == Chunk), .part_i(part1_q), .bytes_i(field[Cols*Codes*8-1:0]),
      .trits_o(trits));
    assign codes1 = fives ? trits : field[Cols*Codes*FieldBits-1:0];
  end else if (FieldBits != 8) begin : gen_fields  // codes are as wide as the fields
    assign codes1 = field[Cols*Codes*FieldBits-1:0];
  end else begin : gen_codes
    logic [Cols*Codes*8-1:0] bytes;
    core_codes #(.Count(Cols * Codes)) u_codes (
      .string_i(field[Cols*Codes*8-1:0]), .bits_i(code_bits[3:0]), .sign_i(sign_extend), .codes_o(bytes));
    for (genvar i = 0; i < Cols * Codes; i++) begin : gen_code
      if (Subtract != 0) begin : gen_subtract
        assign codes1[i*8 +: 8] = bytes[i*8 +: 8] - zeros[i/Codes*8 +: 8];
      end else begin : gen_as_is
        assign codes1[i*8 +: 8] = bytes[i*8 +: 8];
      end
    end
  end
  logic [Cols*10-1:0] behind_scales;
  logic [Cols*8-1:0] behind_selectors, zeros1;
  assign behind_scales = scale_u8 ? field[Cols*8 +: Cols*10] : field[Cols*16 +: Cols*10];
  assign behind_selectors = (selector_bits != 2'd0) ? behind_scales[Cols*2 +: Cols*8] : behind_scales[Cols*8-1:0];
  core_codes #(.Count(Cols)) u_zeros (
    .string_i(behind_selectors), .bits_i(zero_bits), .sign_i(1'b0), .codes_o(zeros1));

  logic [Cols*16-1:0] next_scales_q;
  logic [Cols*2-1:0] next_selectors_q;
  logic [Cols*8-1:0] next_zeros_q;
  logic [Cols*32-1:0] next_channels_q;
  always_ff @(posedge clk_i) begin
    if (!rst_ni || !channel) next_channels_q <= {Cols{32'h3F800000}};
    else if (move1 && kind1_q == Channel) next_channels_q <= field[Cols*32-1:0];
    if (move1 && kind1_q == Metadata) begin
      next_selectors_q <= (selector_bits != 2'd0) ? behind_scales[Cols*2-1:0] : '0;
      next_zeros_q <= zeros1;
    end
  end
  for (genvar c = 0; c < Cols; c++) begin : gen_scale
    always_ff @(posedge clk_i) begin
      if (move1 && kind1_q == Metadata)
        next_scales_q[c*16 +: 16] <= scale_u8 ? {8'd0, field[c*8 +: 8]} : field[c*16 +: 16];
    end
  end

  // Stage 2.
  logic load2;
  assign load2 = move1 && kind1_q == Chunk;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) v2_q <= 1'b0;
    else v2_q <= load2 || (v2_q && !move2);
    if (!rst_ni || go_i) fed_o <= 1'b0;
    else if (load2) fed_o <= 1'b1;
    if (load2) begin
      activations_o <= activations1;
      codes_o <= codes1;
      group_last_o <= group_last1_q;
      tile_last_o <= tile_last1_q;
    end
    if (load2 && group_first1_q) begin
      selectors_o <= next_selectors_q;
      zeros_o <= next_zeros_q;
      scales_o <= next_scales_q;
      channels_o <= next_channels_q;
    end
  end
  // The zero points that belong to the chunk in stage 1.
  assign zeros = group_first1_q ? next_zeros_q : zeros_o;
  assign chunk_valid_o = v2_q;
  assign fields_left_o = reading_q || v1_q;

  logic unused_config;
  assign unused_config = ^{config_i, code_bits, sign_extend, zeros, field, part1_q};
endmodule
