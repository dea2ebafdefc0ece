// Turns FP16 into a normalised operand, registered: {sign, infinite, nan, exponent[5:0], significand[10:0]}. The
// significand is 0 for +-0, Inf and NaN; otherwise its top bit is 1 and the value is significand * 2^(exponent - 35).
module fp16_operand (
  input  logic        clk_i,
  input  logic        load_i,
  input  logic [15:0] value_i,
  output logic [19:0] operand_o
);
  logic [4:0] field;
  logic [9:0] fraction;
  logic [3:0] zeros;
  logic [10:0] significand;
  logic [5:0] exponent;
  logic nonfinite;
  logic [19:0] operand_q;

  assign field = value_i[14:10];
  assign fraction = value_i[9:0];
  assign nonfinite = field == 5'h1F;

  // These are the leading zeros of a subnormal's fraction, counted from the hidden bit's place.
  always_comb begin
    zeros = 4'd0;
    for (int unsigned i = 0; i < 10; i++) begin
      if (fraction[i]) zeros = 4'd10 - 4'(i);
    end
  end

  always_comb begin
    if (nonfinite) begin
      significand = '0;
      exponent = '0;
    end else if (field != '0) begin
      significand = {1'b1, fraction};
      exponent = {1'b0, field} + 6'd10;
    end else begin
      significand = {1'b0, fraction} << zeros;
      exponent = 6'd11 - {2'b0, zeros};
    end
  end

  always_ff @(posedge clk_i) begin
    if (load_i) begin
      operand_q <= {value_i[15], nonfinite && fraction == '0, nonfinite && fraction != '0, exponent, significand};
    end
  end
  assign operand_o = operand_q;
endmodule
