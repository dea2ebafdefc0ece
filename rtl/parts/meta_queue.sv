// A two-entry queue for side data that travels beside a pipeline. The pipeline never holds more than two items, so the
// queue has no back-pressure; pushing into a full queue is legal only while popping. data_o is the oldest entry.
module meta_queue #(
  parameter bit [31:0] Width = 8
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  input  logic             push_i,
  input  logic [Width-1:0] data_i,
  input  logic             pop_i,
  output logic [Width-1:0] data_o
);
  logic [1:0] count_q;
  logic [Width-1:0] head_q, next_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      count_q <= 2'd0;
      head_q <= '0;
      next_q <= '0;
    end else begin
      count_q <= count_q + 2'(push_i) - 2'(pop_i);
      if (pop_i) head_q <= (count_q == 2'd2) ? next_q : data_i;
      else if (push_i && count_q == 2'd0) head_q <= data_i;
      if (push_i) next_q <= data_i;
    end
  end
  assign data_o = head_q;
endmodule
