// Assertions of plane_tile for Verilator: the planes of a chunk are counted.
module plane_tile_sva (
  input logic       clk_i,
  input logic       rst_ni,
  input logic [2:0] plane_q,
  input logic [2:0] last_plane_q
);
  always_ff @(posedge clk_i) begin
    if (rst_ni) begin
      counted : assert (plane_q <= last_plane_q) else $error("more planes than a chunk has");
    end
  end
endmodule

bind plane_tile plane_tile_sva u_plane_sva (.*);
