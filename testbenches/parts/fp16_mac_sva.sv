// Assertions of fp16_mac for Verilator: no sum takes a product while its row drains.
module fp16_mac_sva (
  input logic clk_i,
  input logic rst_ni,
  input logic add_i,
  input logic shift_i
);
  always_ff @(posedge clk_i) begin
    if (rst_ni) begin
      one_writer : assert (!(add_i && shift_i)) else $error("a sum is added to while it drains");
    end
  end
endmodule

bind fp16_mac fp16_mac_sva u_sva (.*);
