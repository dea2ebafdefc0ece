// Half after half of a double buffer that is filled by words of the bus and read at any bit.
//
// Function    Two banks hold the even and the odd words; a read takes a word and its neighbour and shifts them, so that
//             a field of up to Width bits comes from any bit of the half that read_half_i names.
// Latency     data_o holds the field of a read from the edge on that takes it.
(* keep_hierarchy *)
module core_window #(
  parameter bit [31:0] Width = 256,    // bits of a word, and of the longest field: a power of two
  parameter bit [31:0] BusBits = 128,  // at most Width
  parameter bit [31:0] HalfWords = 64  // words of the bus in a half
) (
  input  logic               clk_i,
  input  logic               write_i,
  input  logic               write_half_i,
  input  logic [23:0]        write_word_i,  // in the half
  input  logic [BusBits-1:0] write_data_i,
  input  logic               read_i,
  input  logic               read_half_i,
  input  logic [31:0]        read_bit_i,    // in the half
  output logic [Width-1:0]   data_o
);
  localparam bit [31:0] Lanes = Width / BusBits;
  localparam bit [31:0] LaneBits = $clog2(Lanes);
  localparam bit [31:0] BitBits = $clog2(Width);
  // A read may touch the word behind the last one, whose bits nobody looks at.
  localparam bit [31:0] HalfDepth = (HalfWords + 2 * Lanes - 1) / (2 * Lanes);

  logic [23:0] write_index, write_address, read_index, even_address, odd_address;
  assign write_index = write_word_i >> LaneBits;
  assign write_address = (write_index >> 1) + (write_half_i ? 24'(HalfDepth) : 24'd0);
  assign read_index = 24'(read_bit_i >> BitBits);
  assign even_address = ((read_index + 24'd1) >> 1) + (read_half_i ? 24'(HalfDepth) : 24'd0);
  assign odd_address = (read_index >> 1) + (read_half_i ? 24'(HalfDepth) : 24'd0);

  logic [Width-1:0] even_data, odd_data;
  core_sram #(.Width(Width), .Depth(2 * HalfDepth), .Lanes(Lanes)) u_even (
    .clk_i, .write_i(write_i && !write_index[0]), .write_address_i(write_address),
    .write_lane_i(write_word_i & 24'(Lanes - 1)), .write_data_i, .read_i, .read_address_i(even_address),
    .read_data_o(even_data));
  core_sram #(.Width(Width), .Depth(2 * HalfDepth), .Lanes(Lanes)) u_odd (
    .clk_i, .write_i(write_i && write_index[0]), .write_address_i(write_address),
    .write_lane_i(write_word_i & 24'(Lanes - 1)), .write_data_i, .read_i, .read_address_i(odd_address),
    .read_data_o(odd_data));

  logic odd_q;
  logic [BitBits-1:0] shift_q;
  always_ff @(posedge clk_i) begin
    if (read_i) begin
      odd_q <= read_index[0];
      shift_q <= read_bit_i[BitBits-1:0];
    end
  end
  logic [2*Width-1:0] pair;
  assign pair = (odd_q ? {even_data, odd_data} : {odd_data, even_data}) >> shift_q;
  assign data_o = pair[Width-1:0];

  logic unused;
  assign unused = ^{pair[2*Width-1:Width], read_bit_i};
endmodule
