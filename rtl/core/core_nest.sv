// Walks through the steps of a layer, pairs of a block of outputs and a block of tokens (kernels/CORE.md).
//
// Function    After start_i the outputs describe step 0, and after each next_i the step that follows. done_o is high
//             behind the last one.
module core_nest #(
  parameter bit [31:0] Rows = 8
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        start_i,
  input  logic        next_i,
  input  logic        weights_outer_i,
  input  logic [23:0] t_blocks_i,
  input  logic [23:0] n_blocks_i,
  input  logic [23:0] t_tiles_i,
  input  logic [23:0] t_tiles_last_i,
  input  logic [23:0] n_tiles_i,
  input  logic [23:0] n_tiles_last_i,
  input  logic [23:0] tokens_last_i,
  output logic        done_o,
  output logic        t_last_o,   // the block of tokens is the layer's last
  output logic        n_last_o,
  output logic        new_t_o,    // activations are fetched for this step
  output logic        new_n_o,
  output logic        next_t_o,   // the step behind this one has another block of tokens
  output logic        next_n_o,
  output logic [23:0] t_tiles_o,
  output logic [23:0] n_tiles_o,
  output logic [23:0] tokens_o    // of the block
);
  logic [23:0] outer_q, inner_q, outer_count, inner_count;
  assign outer_count = weights_outer_i ? n_blocks_i : t_blocks_i;
  assign inner_count = weights_outer_i ? t_blocks_i : n_blocks_i;

  logic inner_last, outer_last, inner_first, first;
  assign inner_last = inner_q + 24'd1 == inner_count;
  assign outer_last = outer_q + 24'd1 == outer_count;
  assign inner_first = inner_q == 24'd0;
  assign first = inner_first && outer_q == 24'd0;

  always_ff @(posedge clk_i) begin
    if (!rst_ni || start_i) begin
      outer_q <= 24'd0;
      inner_q <= 24'd0;
    end else if (next_i) begin
      inner_q <= inner_last ? 24'd0 : inner_q + 24'd1;
      if (inner_last) outer_q <= outer_q + 24'd1;
    end
  end

  assign done_o = outer_q == outer_count;
  assign t_last_o = weights_outer_i ? inner_last : outer_last;
  assign n_last_o = weights_outer_i ? outer_last : inner_last;
  assign new_t_o = weights_outer_i ? first || t_blocks_i > 24'd1 : inner_first;
  assign new_n_o = weights_outer_i ? inner_first : first || n_blocks_i > 24'd1;
  assign next_t_o = weights_outer_i || inner_last;
  assign next_n_o = !weights_outer_i || inner_last;
  assign t_tiles_o = t_last_o ? t_tiles_last_i : t_tiles_i;
  assign n_tiles_o = n_last_o ? n_tiles_last_i : n_tiles_i;
  assign tokens_o = t_last_o ? (t_tiles_o - 24'd1) * 24'(Rows) + tokens_last_i : t_tiles_o * 24'(Rows);
endmodule
