// The memory process of the core: asks for what a step reads, places the words that arrive, and writes the results of
// the step before the last one (kernels/CORE.md).
//
// Handshake   A command holds until out_ready_i. in_ready_o is high while words are outstanding.
(* keep_hierarchy *)
module core_memory #(
  parameter bit [31:0] Rows = 8,
  parameter bit [31:0] Cols = 8,
  parameter bit [31:0] Banks = 1,
  parameter bit [31:0] BankRows = 8,
  parameter bit [31:0] BusBits = 128,
  localparam bit [31:0] OutWidth = 2 + 32 + 24 + 32 + BusBits
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic [32*32-1:0]    config_i,
  input  logic                start_i,
  input  logic [23:0]         computed_i,
  input  logic [9*32-1:0]     counts_i,
  input  logic                in_valid_i,
  output logic                in_ready_o,
  output logic                out_valid_o,
  input  logic                out_ready_i,
  output logic [OutWidth-1:0] out_data_o,
  output logic                weight_write_o,
  output logic                weight_write_half_o,
  output logic [23:0]         weight_write_word_o,
  output logic [Rows-1:0]     activation_write_o,
  output logic                activation_write_half_o,
  output logic [23:0]         activation_write_word_o,
  output logic                read_o,            // of the output buffer
  output logic                read_half_o,
  output logic [23:0]         read_address_o,
  output logic [23:0]         bank_o,
  output logic [23:0]         slice_o,
  input  logic [BusBits-1:0]  result_i,
  output logic [23:0]         fetched_o,
  output logic                running_o,         // cycles are booked
  output logic                for_activations_o,
  output logic                for_weights_o,
  output logic                writes_o
);
  localparam bit [2:0] Off = 3'd0;
  localparam bit [2:0] Idle = 3'd1;
  localparam bit [2:0] AskActivations = 3'd2;
  localparam bit [2:0] AskWeights = 3'd3;
  localparam bit [2:0] Announce = 3'd4;
  localparam bit [2:0] Write = 3'd5;
  localparam bit [2:0] Wait = 3'd6;
  localparam bit [2:0] Report = 3'd7;
  localparam bit [31:0] Slices = Cols * 32 / BusBits;
  localparam bit [31:0] SliceBits = $clog2(Slices);

  // Configuration.
  logic several_k;
  logic [23:0] output_row_words, output_last_words;
  logic [31:0] activation_base, weight_base, output_base;
  assign several_k = config_i[3*32 +: 24] > 24'd1;
  assign output_row_words = config_i[13*32 +: 24];
  assign output_last_words = config_i[14*32 +: 24];
  assign activation_base = config_i[21*32 +: 32];
  assign weight_base = config_i[22*32 +: 32];
  assign output_base = config_i[23*32 +: 32];

  logic [2:0] state_q;
  logic [23:0] fetched_q;
  logic taken, leave, wrote_step, receives_weights;
  assign taken = out_valid_o && out_ready_i;
  assign leave = state_q == Wait && !in_ready_o;

  // What is fetched, and what is written when its pair is complete.
  logic fetch_done, fetch_t_last, fetch_n_last, fetch_k_last, fetch_new_t, fetch_new_n, fetch_next_t, fetch_next_n;
  logic write_last, write_t_last, write_n_last, write_k_last, write_next_t, write_next_n, behind;
  logic [23:0] write_n_tiles, write_tokens;
  logic [23:0] unused_fetch_t, unused_fetch_n, unused_fetch_tokens, unused_write_t;
  logic unused_fetch_last, unused_fetch_k_first, unused_write_done, unused_write_k_first, unused_write_new_t;
  logic unused_write_new_n;
  assign behind = fetched_q >= 24'd2;  // there is a step before the last one
  core_nest #(.Rows(Rows)) u_fetch (
    .clk_i, .rst_ni, .start_i, .next_i(leave && !fetch_done), .config_i, .last_o(unused_fetch_last),
    .done_o(fetch_done), .t_last_o(fetch_t_last), .n_last_o(fetch_n_last), .k_first_o(unused_fetch_k_first),
    .k_last_o(fetch_k_last), .new_t_o(fetch_new_t), .new_n_o(fetch_new_n), .next_t_o(fetch_next_t),
    .next_n_o(fetch_next_n), .t_tiles_o(unused_fetch_t), .n_tiles_o(unused_fetch_n), .tokens_o(unused_fetch_tokens));
  core_nest #(.Rows(Rows)) u_write (
    .clk_i, .rst_ni, .start_i, .next_i(leave && behind), .config_i, .last_o(write_last), .done_o(unused_write_done),
    .t_last_o(write_t_last), .n_last_o(write_n_last), .k_first_o(unused_write_k_first), .k_last_o(write_k_last),
    .new_t_o(unused_write_new_t), .new_n_o(unused_write_new_n), .next_t_o(write_next_t), .next_n_o(write_next_n),
    .t_tiles_o(unused_write_t), .n_tiles_o(write_n_tiles), .tokens_o(write_tokens));

  logic ask_activations, ask_weights;
  logic [23:0] row_words, activation_words, weight_words;
  assign ask_activations = !fetch_done && fetch_new_t;
  assign ask_weights = !fetch_done && fetch_new_n;
  assign row_words = fetch_k_last ? config_i[10*32 +: 24] : config_i[9*32 +: 24];
  always_comb begin
    unique case ({fetch_t_last, fetch_k_last})
      2'b00: activation_words = config_i[24*32 +: 24];
      2'b01: activation_words = config_i[25*32 +: 24];
      2'b10: activation_words = config_i[26*32 +: 24];
      default: activation_words = config_i[27*32 +: 24];
    endcase
    unique case ({fetch_n_last, fetch_k_last})
      2'b00: weight_words = config_i[28*32 +: 24];
      2'b01: weight_words = config_i[29*32 +: 24];
      2'b10: weight_words = config_i[30*32 +: 24];
      default: weight_words = config_i[31*32 +: 24];
    endcase
  end

  // The states.
  logic [23:0] token_q, word_q, write_words;
  logic last_word, last_token, begins;
  assign write_words = write_n_last ? output_last_words : write_n_tiles << SliceBits;
  assign last_word = word_q + 24'd1 == write_words;
  assign last_token = token_q + 24'd1 == write_tokens;
  assign begins = state_q == Idle && (fetched_q < 24'd2 || computed_i + 24'd1 >= fetched_q);
  assign wrote_step = state_q == Write && taken && last_word && last_token;

  logic [2:0] to_write, to_weights, to_activations;
  assign to_write = (behind && write_k_last) ? Announce : Wait;
  assign to_weights = ask_weights ? AskWeights : to_write;
  assign to_activations = ask_activations ? AskActivations : to_weights;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q <= Off;
      fetched_q <= 24'd0;
      token_q <= 24'd0;
      word_q <= 24'd0;
    end else if (start_i) begin
      state_q <= Idle;
      fetched_q <= 24'd0;
    end else begin
      unique case (state_q)
        Idle: if (begins) begin
          state_q <= to_activations;
          token_q <= 24'd0;
          word_q <= 24'd0;
        end
        AskActivations: if (taken) state_q <= to_weights;
        AskWeights: if (taken) state_q <= to_write;
        Announce: if (taken) state_q <= Write;
        Write: if (taken) begin
          word_q <= last_word ? 24'd0 : word_q + 24'd1;
          if (last_word) token_q <= token_q + 24'd1;
          if (last_word) state_q <= last_token ? Wait : Announce;
        end
        Wait: if (leave) begin
          fetched_q <= fetched_q + 24'd1;
          word_q <= 24'd0;
          state_q <= (behind && write_last) ? Report : Idle;
        end
        Report: if (taken) begin
          word_q <= word_q + 24'd1;
          if (word_q == 24'd8) state_q <= Off;
        end
        default: state_q <= Off;
      endcase
    end
  end

  // Words that arrive.
  logic receives_activations;
  core_receive #(.Rows(Rows)) u_receive (
    .clk_i, .rst_ni, .start_i, .asks_activations_i(state_q == AskActivations), .asks_weights_i(state_q == AskWeights),
    .taken_i(taken), .activation_words_i(activation_words), .weight_words_i(weight_words), .row_words_i(row_words),
    .in_valid_i, .in_ready_o, .receives_activations_o(receives_activations), .weight_write_o, .weight_write_half_o,
    .weight_write_word_o, .activation_write_o, .activation_write_half_o, .activation_write_word_o,
    .for_weights_o(receives_weights));

  // Addresses of requests. The blocks of an operand lie one behind the other, its blocks of inputs innermost; the
  // starts are those of its current block of tokens or outputs, to which it comes back until the other one is done.
  logic [31:0] activation_address_q, activation_start_q, weight_address_q, weight_start_q;
  logic [31:0] behind_activations, behind_weights;
  assign behind_activations = fetch_t_last && fetch_k_last ? activation_base
                                                           : activation_address_q + 32'(activation_words);
  assign behind_weights = fetch_n_last && fetch_k_last ? weight_base : weight_address_q + 32'(weight_words);
  always_ff @(posedge clk_i) begin
    if (start_i) begin
      activation_address_q <= activation_base;
      activation_start_q <= activation_base;
      weight_address_q <= weight_base;
      weight_start_q <= weight_base;
    end else if (taken) begin
      if (state_q == AskActivations) begin
        activation_address_q <= (fetch_k_last && several_k && !fetch_next_t) ? activation_start_q : behind_activations;
        if (fetch_k_last && fetch_next_t) activation_start_q <= behind_activations;
      end
      if (state_q == AskWeights) begin
        weight_address_q <= (fetch_k_last && several_k && !fetch_next_n) ? weight_start_q : behind_weights;
        if (fetch_k_last && fetch_next_n) weight_start_q <= behind_weights;
      end
    end
  end

  // Rows of Y: t_row_q is the first row of the block of tokens and row_offset_q the current one, both in words from the
  // start of Y; column_q is the first word of the block of outputs.
  logic [31:0] t_row_q, row_offset_q, column_q, next_row;
  assign next_row = row_offset_q + 32'(output_row_words);
  always_ff @(posedge clk_i) begin
    if (start_i) begin
      t_row_q <= 32'd0;
      row_offset_q <= 32'd0;
      column_q <= 32'd0;
    end else if (wrote_step) begin
      if (write_next_t) t_row_q <= write_t_last ? 32'd0 : next_row;
      row_offset_q <= !write_next_t ? t_row_q : write_t_last ? 32'd0 : next_row;
      if (write_next_n) column_q <= write_n_last ? 32'd0 : column_q + (32'(write_n_tiles) << SliceBits);
    end else if (state_q == Write && taken && last_word) begin
      row_offset_q <= next_row;
    end
  end

  // The walk through the rows of the output buffer: rows of a bank, banks, token tiles.
  logic [23:0] tile_address_q, row_address_q, bank_row_q, bank_q, slice, tile;
  logic write_half_q, bank_end;
  assign bank_end = bank_row_q + 24'd1 == 24'(BankRows);
  assign slice = word_q & 24'(Slices - 1);
  assign tile = word_q >> SliceBits;
  always_ff @(posedge clk_i) begin
    if (start_i) write_half_q <= 1'b0;
    else if (wrote_step) write_half_q <= !write_half_q;
    if (state_q == Idle) begin
      tile_address_q <= 24'd0;
      row_address_q <= 24'd0;
      bank_row_q <= 24'd0;
      bank_q <= 24'd0;
    end else if (state_q == Write && taken && last_word) begin
      bank_row_q <= bank_end ? 24'd0 : bank_row_q + 24'd1;
      row_address_q <= row_address_q + write_n_tiles;
      if (bank_end && bank_q + 24'd1 < 24'(Banks)) begin
        bank_q <= bank_q + 24'd1;
        row_address_q <= tile_address_q;
      end else if (bank_end) begin
        bank_q <= 24'd0;
        tile_address_q <= row_address_q + write_n_tiles;
      end
    end
  end
  // The word behind the announcement is read with it, and each next one with the last slice of its predecessor.
  assign read_o = taken && (state_q == Announce || (state_q == Write && slice == 24'(Slices - 1)));
  assign read_half_o = write_half_q;
  assign read_address_o = row_address_q + ((state_q == Announce) ? 24'd0 : tile + 24'd1);
  assign bank_o = bank_q;
  assign slice_o = slice;

  // Commands.
  logic [1:0] kind;
  logic [31:0] address, count;
  logic [23:0] words;
  logic [9*32-1:0] shifted_counts;
  assign shifted_counts = counts_i >> (32'(word_q) * 32);
  always_comb begin
    kind = 2'd0;
    address = 32'd0;
    words = 24'd0;
    count = 32'd0;
    unique case (state_q)
      AskActivations: begin
        address = activation_address_q;
        words = activation_words;
      end
      AskWeights: begin
        address = weight_address_q;
        words = weight_words;
      end
      Announce: begin
        kind = 2'd1;
        address = output_base + row_offset_q + column_q;
        words = write_words;
      end
      Write: kind = 2'd2;
      Report: begin
        kind = 2'd3;
        address = 32'(word_q);
        count = shifted_counts[31:0];
      end
      default: ;
    endcase
  end
  assign out_valid_o = state_q != Off && state_q != Idle && state_q != Wait;
  assign out_data_o = {(state_q == Write) ? result_i : '0, count, words, address, kind};

  assign fetched_o = fetched_q;
  assign running_o = state_q != Off && state_q != Report;
  assign for_activations_o = state_q == AskActivations || receives_activations;
  assign for_weights_o = state_q == AskWeights || receives_weights;
  assign writes_o = state_q == Announce || state_q == Write;

  logic unused;
  assign unused = ^{config_i, shifted_counts, unused_fetch_t, unused_fetch_n, unused_fetch_tokens, unused_write_t,
                    unused_fetch_last, unused_fetch_k_first, unused_write_done, unused_write_k_first,
                    unused_write_new_t, unused_write_new_n};
endmodule
