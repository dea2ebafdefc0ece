// Assertions of meta_queue for Verilator: the queue of side data never overflows or runs dry.
module meta_queue_sva (
  input logic       clk_i,
  input logic       rst_ni,
  input logic       push_i,
  input logic       pop_i,
  input logic [1:0] count_q
);
  always_ff @(posedge clk_i) begin
    if (rst_ni) begin
      no_overflow : assert (!(push_i && !pop_i && count_q == 2'd2)) else $error("side data queue overflows");
      no_underflow : assert (!(pop_i && count_q == 2'd0)) else $error("side data queue runs dry");
    end
  end
endmodule

bind meta_queue meta_queue_sva u_sva (.*);
