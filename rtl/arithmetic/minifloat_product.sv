// Multiplies two minifloats {sign, ExpBits exponent bits, ManBits fraction bits} to (-1)^negative significand
// 2^exponent in units of the product of two of the smallest subnormals, times 4 (an exponent field of 0 counts as 1, so
// exponent_o is at least 2). Special = 0: every code is a number; 1: all ones is NaN (E4M3); 2: the highest exponent is
// Inf and NaN (E5M2). The numbers mean nothing beside nan_o or infinite_o (of sign negative_o). It is combinational.
module minifloat_product #(
  parameter bit [31:0] ExpBits = 4,
  parameter bit [31:0] ManBits = 3,
  parameter bit [31:0] Special = 0,
  localparam bit [31:0] Bits = 1 + ExpBits + ManBits
) (
  input  logic [Bits-1:0]      a_i,
  input  logic [Bits-1:0]      b_i,
  output logic                 negative_o,
  output logic [2*ManBits+1:0] significand_o,
  output logic [ExpBits:0]     exponent_o,
  output logic                 nan_o,
  output logic                 infinite_o
);
  logic [ExpBits-1:0] field_a, field_b, exponent_a, exponent_b;
  logic [ManBits-1:0] fraction_a, fraction_b;
  logic normal_a, normal_b;
  assign {field_a, fraction_a} = a_i[Bits-2:0];
  assign {field_b, fraction_b} = b_i[Bits-2:0];
  assign normal_a = |field_a;
  assign normal_b = |field_b;
  assign exponent_a = field_a | ExpBits'(!normal_a);
  assign exponent_b = field_b | ExpBits'(!normal_b);

  assign negative_o = a_i[Bits-1] ^ b_i[Bits-1];
  assign exponent_o = (ExpBits+1)'(exponent_a) + (ExpBits+1)'(exponent_b);
  assign significand_o = (2*ManBits+2)'({normal_a, fraction_a}) * (2*ManBits+2)'({normal_b, fraction_b});

  if (Special == 2) begin : gen_ieee
    logic top_a, top_b, zero_a, zero_b;
    assign top_a = &field_a;
    assign top_b = &field_b;
    assign zero_a = !normal_a && (fraction_a == '0);
    assign zero_b = !normal_b && (fraction_b == '0);
    assign infinite_o = top_a || top_b;
    // This is NaN itself, or Inf times 0.
    assign nan_o = (top_a && (|fraction_a || zero_b)) || (top_b && (|fraction_b || zero_a));
  end else begin : gen_finite
    assign infinite_o = 1'b0;
    assign nan_o = (Special == 1) && (&a_i[Bits-2:0] || &b_i[Bits-2:0]);
  end
endmodule
