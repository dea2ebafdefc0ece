// Assertions of term_encoder for Verilator.
module term_encoder_sva (
  input logic       clk_i,
  input logic       rst_ni,
  input logic [2:0] term_q,
  input logic [2:0] last_term
);
  always_ff @(posedge clk_i) begin
    if (rst_ni) begin
      counter_in_range : assert (term_q <= last_term) else $error("term counter beyond the last term");
    end
  end
endmodule

bind term_encoder term_encoder_sva u_sva (.*);
