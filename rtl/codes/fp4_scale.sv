// Gives a block scale byte as significand_o 2^(exponent_o - 130) with significand_o in 8..15 (kernels/ARITHMETIC.md
// 9). format_i is 0 for E8M0, 1 for UE4M3, and otherwise UE5M3. The exponent is that of FP32, unbiased below: 0 for
// 2^-127. Zero is 0 2^(0-130). It is combinational.
module fp4_scale (
  input  logic [1:0] format_i,
  input  logic [7:0] scale_i,
  output logic       nan_o,
  output logic [7:0] exponent_o,
  output logic [3:0] significand_o
);
  // Minifloats have a five-bit exponent field and three fraction bits.
  logic       e8m0, ue4m3;
  logic [4:0] field;
  logic [2:0] fraction;
  logic [7:0] bias;  // FP32 exponent of the field 0, were it normal
  assign e8m0 = (format_i == 2'd0);
  assign ue4m3 = (format_i == 2'd1);
  assign field = ue4m3 ? {1'b0, scale_i[6:3]} : scale_i[7:3];
  assign fraction = scale_i[2:0];
  assign bias = ue4m3 ? 8'd120 : 8'd112;

  always_comb begin
    if (e8m0) begin
      exponent_o = scale_i;
      significand_o = 4'd8;
    end else if (field != 5'd0) begin
      exponent_o = bias + 8'(field);
      significand_o = {1'b1, fraction};
    end else if (fraction[2]) begin
      exponent_o = bias;
      significand_o = {fraction, 1'b0};
    end else if (fraction[1]) begin
      exponent_o = bias - 8'd1;
      significand_o = {fraction[1:0], 2'b00};
    end else begin
      exponent_o = fraction[0] ? bias - 8'd2 : 8'd0;
      significand_o = {fraction[0], 3'b000};
    end
  end
  assign nan_o = e8m0 ? (scale_i == 8'hFF) : (ue4m3 || scale_i[7]) && (scale_i[6:0] == 7'h7F);
endmodule
