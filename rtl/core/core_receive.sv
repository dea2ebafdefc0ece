// Places the words that arrive: activations of a step first, row after row of the array, and then weights.
//
// Handshake   in_ready_o is high while words are outstanding: from the cycle after a request was taken until the last
//             word of it is.
module core_receive #(
  parameter bit [31:0] Rows = 8
) (
  input  logic            clk_i,
  input  logic            rst_ni,
  input  logic            start_i,
  input  logic            asks_activations_i,  // the request is on the channel
  input  logic            asks_weights_i,
  input  logic            taken_i,
  input  logic [23:0]     activation_words_i,
  input  logic [23:0]     weight_words_i,
  input  logic [23:0]     row_words_i,
  input  logic            in_valid_i,
  output logic            in_ready_o,
  output logic            receives_activations_o,
  output logic            for_weights_o,       // words of weights are outstanding
  output logic            weight_write_o,
  output logic            weight_write_half_o,
  output logic [23:0]     weight_write_word_o,
  output logic [Rows-1:0] activation_write_o,
  output logic            activation_write_half_o,
  output logic [23:0]     activation_write_word_o
);
  logic [23:0] activations_left_q, weights_left_q, arrived_q, row_q, row_word_q, row_base_q;
  logic activation_half_q, weight_half_q, row_done, last_row, received;
  assign receives_activations_o = activations_left_q != 24'd0;
  assign for_weights_o = weights_left_q != 24'd0;
  assign in_ready_o = receives_activations_o || for_weights_o;
  assign received = in_valid_i && in_ready_o;
  assign row_done = row_word_q + 24'd1 == row_words_i;
  assign last_row = row_q + 24'd1 == 24'(Rows);
  always_ff @(posedge clk_i) begin
    if (!rst_ni || start_i) begin
      activations_left_q <= 24'd0;
      weights_left_q <= 24'd0;
      activation_half_q <= 1'b1;  // the first request turns it to half 0
      weight_half_q <= 1'b1;
    end else begin
      if (asks_activations_i && taken_i) begin
        activations_left_q <= activation_words_i;
        activation_half_q <= !activation_half_q;
      end else if (received && receives_activations_o) begin
        activations_left_q <= activations_left_q - 24'd1;
      end
      if (asks_weights_i && taken_i) begin
        weights_left_q <= weight_words_i;
        weight_half_q <= !weight_half_q;
      end else if (received && !receives_activations_o) begin
        weights_left_q <= weights_left_q - 24'd1;
      end
    end
    if (asks_activations_i) begin
      row_q <= 24'd0;
      row_word_q <= 24'd0;
      row_base_q <= 24'd0;
    end else if (received && receives_activations_o) begin
      row_word_q <= row_done ? 24'd0 : row_word_q + 24'd1;
      if (row_done) row_q <= last_row ? 24'd0 : row_q + 24'd1;
      if (row_done && last_row) row_base_q <= row_base_q + row_words_i;
    end
    if (asks_weights_i) arrived_q <= 24'd0;
    else if (received && !receives_activations_o) arrived_q <= arrived_q + 24'd1;
  end
  for (genvar r = 0; r < Rows; r++) begin : gen_row
    assign activation_write_o[r] = received && receives_activations_o && row_q == 24'(r);
  end
  assign activation_write_half_o = activation_half_q;
  assign activation_write_word_o = row_base_q + row_word_q;
  assign weight_write_o = received && !receives_activations_o;
  assign weight_write_half_o = weight_half_q;
  assign weight_write_word_o = arrived_q;
endmodule
