// A block scale (fp4_scale) times an FP32 number, rounded to FP32. The number is normalised when it is written. The product is
// {nan_o (also for infinity), exponent_o = its field or 1, significand_o with the hidden bit}.
module fp4_tensor_scale (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        write_i,
  input  logic [30:0] data_i,
  input  logic        nan_i,
  input  logic [7:0]  exponent_i,
  input  logic [3:0]  significand_i,
  output logic        nan_o,
  output logic [7:0]  exponent_o,
  output logic [23:0] significand_o
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
      exponent_q <= 11'sd127;
      significand_q <= 24'h800000;
    end else if (write_i) begin
      nonfinite_q <= (data_i[30:23] == 8'hFF);
      exponent_q <= ((data_i[30:23] == 8'd0) ? 11'sd1 : 11'(data_i[30:23])) - 11'(zeros);
      significand_q <= raw << zeros;
    end
  end

  logic [27:0]        product, normalised;
  logic signed [10:0] exponent;
  logic [31:0]        rounded;
  assign product = 28'(significand_i) * 28'(significand_q);
  assign normalised = product[27] ? product : product << 1;
  assign exponent = 11'(exponent_i) + exponent_q - 11'sd127 + 11'(product[27]);
  fp32_round u_round (
    .negative_i(1'b0), .exponent_i(exponent), .significand_i({normalised[27:3], |normalised[2:0]}), .value_o(rounded));

  logic zero;
  assign zero = !significand_i[3] || !significand_q[23];
  assign nan_o = nan_i || nonfinite_q || (!zero && (rounded[30:23] == 8'hFF));
  assign exponent_o = (zero || (rounded[30:23] == 8'd0)) ? 8'd1 : rounded[30:23];
  assign significand_o = zero ? 24'd0 : {rounded[30:23] != 8'd0, rounded[22:0]};

  logic unused_sign;
  assign unused_sign = rounded[31];
endmodule
