// Assertions of plane_tile for Verilator: a group ends with a chunk, whose planes are counted.
module plane_tile_sva (
  input logic       clk_i,
  input logic       rst_ni,
  input logic       load1,
  input logic       last0,
  input logic       complete0_q,
  input logic [2:0] plane_q,
  input logic [2:0] last_plane_q
);
  always_ff @(posedge clk_i) begin
    if (rst_ni) begin
      whole_chunks : assert (!(load1 && last0 && !complete0_q)) else $error("a group ends inside a chunk");
      counted : assert (plane_q <= last_plane_q) else $error("more planes than a chunk has");
    end
  end
endmodule

bind plane_tile plane_tile_sva u_plane_sva (.*);
