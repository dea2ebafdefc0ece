// Walks through the steps of a layer: pairs of a block of outputs and a block of tokens, and inside a pair its blocks
// of inputs (kernels/CORE.md).
//
// Function    After start_i the outputs describe step 0, and after each next_i the step that follows. done_o is high
//             behind the last one.
module core_nest #(
  parameter bit [31:0] Rows = 8
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  input  logic             start_i,
  input  logic             next_i,
  input  logic [32*32-1:0] config_i,
  output logic             last_o,     // of all steps
  output logic             done_o,
  output logic             t_last_o,   // the block of tokens is the layer's last
  output logic             n_last_o,
  output logic             k_first_o,  // the block of inputs is the first one of the pair
  output logic             k_last_o,
  output logic             new_t_o,    // activations are fetched for this step
  output logic             new_n_o,
  output logic             next_t_o,   // the pair behind this one has another block of tokens
  output logic             next_n_o,
  output logic [23:0]      t_tiles_o,
  output logic [23:0]      n_tiles_o,
  output logic [23:0]      tokens_o    // of the block
);
  logic weights_outer;
  logic [23:0] t_blocks, n_blocks, k_blocks, t_tiles_last;
  assign weights_outer = config_i[5];
  assign t_blocks = config_i[1*32 +: 24];
  assign n_blocks = config_i[2*32 +: 24];
  assign k_blocks = config_i[3*32 +: 24];
  assign t_tiles_last = config_i[5*32 +: 24];

  logic [23:0] outer_q, inner_q, k_q, outer_count, inner_count;
  assign outer_count = weights_outer ? n_blocks : t_blocks;
  assign inner_count = weights_outer ? t_blocks : n_blocks;

  logic inner_last, outer_last, inner_first, first;
  assign inner_last = inner_q + 24'd1 == inner_count;
  assign outer_last = outer_q + 24'd1 == outer_count;
  assign inner_first = inner_q == 24'd0;
  assign first = inner_first && outer_q == 24'd0;
  assign k_first_o = k_q == 24'd0;
  assign k_last_o = k_q + 24'd1 == k_blocks;

  always_ff @(posedge clk_i) begin
    if (!rst_ni || start_i) begin
      outer_q <= 24'd0;
      inner_q <= 24'd0;
      k_q <= 24'd0;
    end else if (next_i) begin
      k_q <= k_last_o ? 24'd0 : k_q + 24'd1;
      if (k_last_o) inner_q <= inner_last ? 24'd0 : inner_q + 24'd1;
      if (k_last_o && inner_last) outer_q <= outer_q + 24'd1;
    end
  end

  // With more than one block of inputs both operands change in every step.
  logic several_k;
  assign several_k = k_blocks > 24'd1;
  assign last_o = outer_last && inner_last && k_last_o;
  assign done_o = outer_q == outer_count;
  assign t_last_o = weights_outer ? inner_last : outer_last;
  assign n_last_o = weights_outer ? outer_last : inner_last;
  assign new_t_o = several_k || (weights_outer ? first || t_blocks > 24'd1 : inner_first);
  assign new_n_o = several_k || (weights_outer ? inner_first : first || n_blocks > 24'd1);
  assign next_t_o = weights_outer || inner_last;
  assign next_n_o = !weights_outer || inner_last;
  assign t_tiles_o = t_last_o ? t_tiles_last : config_i[4*32 +: 24];
  assign n_tiles_o = n_last_o ? config_i[7*32 +: 24] : config_i[6*32 +: 24];
  assign tokens_o = t_last_o ? (t_tiles_o - 24'd1) * 24'(Rows) + config_i[8*32 +: 24] : t_tiles_o * 24'(Rows);

  logic unused_config;
  assign unused_config = ^config_i;
endmodule
