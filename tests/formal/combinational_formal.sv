// The proof harness of a combinational unit `UNIT of `ELEMENTS equal elements, for every input at once: each element of
// the output beat is that of the table generated from the golden function (module `TABLE), and valid and ready pass
// through. An element has `IN_BITS bits in, and in the output beat `OUT_BITS in the first field and `FLAG_BITS in a
// second one behind it. `trigger_o` = 1 is a wrong element or handshake, and `checked_o` = 1 a compared beat.
module combinational_formal (
  input  logic                           clk_i,
  input  logic                           rst_ni,
  input  logic                           in_valid_i,
  input  logic [`ELEMENTS*`IN_BITS-1:0]  in_data_i,
  input  logic                           out_ready_i,
  output logic                           trigger_o,
  output logic                           checked_o
);
  logic in_ready, out_valid;
  logic [`ELEMENTS*(`OUT_BITS+`FLAG_BITS)-1:0] out_data;
  `UNIT u_dut (
    .clk_i(clk_i), .rst_ni(rst_ni), .in_valid_i(in_valid_i), .in_ready_o(in_ready), .in_data_i(in_data_i),
    .out_valid_o(out_valid), .out_ready_i(out_ready_i), .out_data_o(out_data));

  logic [`ELEMENTS-1:0] wrong;
  for (genvar e = 0; e < `ELEMENTS; e++) begin : gen_element
    logic [`OUT_BITS+`FLAG_BITS-1:0] expected, element;
    `TABLE u_expected (.in_i(in_data_i[e*`IN_BITS +: `IN_BITS]), .out_o(expected));
    assign element[`OUT_BITS-1:0] = out_data[e*`OUT_BITS +: `OUT_BITS];
    if (`FLAG_BITS != 0) begin : gen_flag
      assign element[`OUT_BITS +: `FLAG_BITS] = out_data[`ELEMENTS*`OUT_BITS+e*`FLAG_BITS +: `FLAG_BITS];
    end
    assign wrong[e] = element != expected;
  end

  assign checked_o = out_valid;
  assign trigger_o = (out_valid && |wrong) || out_valid != in_valid_i || in_ready != out_ready_i;
endmodule
