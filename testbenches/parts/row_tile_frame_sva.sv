// Assertions of row_tile_frame for Verilator: a group ends with a chunk.
module row_tile_frame_sva (
  input logic clk_i,
  input logic rst_ni,
  input logic load1_o,
  input logic last0,
  input logic complete0_i
);
  always_ff @(posedge clk_i) begin
    if (rst_ni) begin
      whole_chunks : assert (!(load1_o && last0 && !complete0_i)) else $error("a group ends inside a chunk");
    end
  end
endmodule

bind row_tile_frame row_tile_frame_sva u_sva (.*);
