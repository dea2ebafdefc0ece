// A register for a positive FP32 number, which is normalised when it is written: significand_o 2^(exponent_o - 150),
// where significand_o has its top bit set or is 0. Whoever writes it drops the sign.
module fp4_factor #(
  parameter logic [30:0] Reset = 31'h3F800000  // a normal number
) (
  input  logic               clk_i,
  input  logic               rst_ni,
  input  logic               write_i,
  input  logic [30:0]        data_i,
  output logic               nonfinite_o,
  output logic signed [10:0] exponent_o,
  output logic [23:0]        significand_o
);
  logic [23:0] raw;
  logic [4:0]  zeros;
  assign raw = {data_i[30:23] != 8'd0, data_i[22:0]};
  leading_zeros #(.Width(24)) u_zeros (.data_i(raw), .count_o(zeros));

  logic               nonfinite_q;
  logic signed [10:0] exponent_q;
  logic [23:0]        significand_q;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      nonfinite_q <= 1'b0;
      exponent_q <= 11'(Reset[30:23]);
      significand_q <= {1'b1, Reset[22:0]};
    end else if (write_i) begin
      nonfinite_q <= (data_i[30:23] == 8'hFF);
      exponent_q <= ((data_i[30:23] == 8'd0) ? 11'sd1 : 11'(data_i[30:23])) - 11'(zeros);
      significand_q <= raw << zeros;
    end
  end
  assign nonfinite_o = nonfinite_q;
  assign exponent_o = exponent_q;
  assign significand_o = significand_q;
endmodule
