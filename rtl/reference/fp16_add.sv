// Adds IEEE 754 binary16, nearest even, subnormals kept; every NaN is 0x7E00 and x + -x is +0. It is combinational.
module fp16_add (
  input  logic [15:0] a_i,
  input  logic [15:0] b_i,
  output logic [15:0] result_o
);
  logic a_special, b_special, nan;
  assign a_special = (a_i[14:10] == 5'h1F);
  assign b_special = (b_i[14:10] == 5'h1F);
  assign nan = (a_special && (a_i[9:0] != 10'd0)) || (b_special && (b_i[9:0] != 10'd0)) ||
               (a_special && b_special && (a_i[15] != b_i[15]));

  // The operands are ordered by magnitude; exponents of subnormals are 1.
  logic [15:0] greater, lesser;
  logic [4:0] exponent, lesser_exponent, distance;
  logic subtract;
  assign {greater, lesser} = (a_i[14:0] >= b_i[14:0]) ? {a_i, b_i} : {b_i, a_i};
  assign exponent = (greater[14:10] == 5'd0) ? 5'd1 : greater[14:10];
  assign lesser_exponent = (lesser[14:10] == 5'd0) ? 5'd1 : lesser[14:10];
  assign distance = exponent - lesser_exponent;
  assign subtract = greater[15] ^ lesser[15];

  // These are {11 bits, guard, round, sticky}: what is shifted out of the lesser operand stays in the sticky bit.
  logic [13:0] greater_field, lesser_raw, lesser_field, lost;
  logic [3:0] amount;
  assign greater_field = {greater[14:10] != 5'd0, greater[9:0], 3'd0};
  assign lesser_raw = {lesser[14:10] != 5'd0, lesser[9:0], 3'd0};
  assign amount = (distance > 5'd14) ? 4'd14 : distance[3:0];
  assign lost = lesser_raw & ~(14'h3FFF << amount);
  assign lesser_field = (lesser_raw >> amount) | 14'(|lost);

  logic [14:0] sum;
  assign sum = subtract ? {1'b0, greater_field} - {1'b0, lesser_field} : {1'b0, greater_field} + {1'b0, lesser_field};

  function automatic logic [3:0] zeros(input logic [13:0] value);
    zeros = 4'd14;
    for (int unsigned i = 0; i < 14; i++) begin
      if (value[i]) zeros = 4'(13 - i);
    end
  endfunction

  // The sum is normalised as far as the exponent goes; a subnormal sum is exact.
  logic [3:0] count, left;
  logic [4:0] room;
  logic [13:0] normalised;
  logic [5:0] raised;
  assign count = zeros(sum[13:0]);
  assign room = exponent - 5'd1;
  assign left = (room < 5'(count)) ? room[3:0] : count;
  assign normalised = sum[14] ? {sum[14:2], sum[1] | sum[0]} : sum[13:0] << left;
  assign raised = sum[14] ? 6'(exponent) + 6'd1 : 6'(exponent) - 6'(left);

  logic round_up;
  logic [15:0] rounded;
  assign round_up = normalised[2] && (normalised[1] || normalised[0] || normalised[3]);
  assign rounded = {normalised[13] ? raised : 6'd0, normalised[12:3]} + 16'(round_up);

  always_comb begin
    if (nan) result_o = 16'h7E00;
    else if (a_special || b_special) result_o = {greater[15], 15'h7C00};
    else if (sum == 15'd0) result_o = {greater[15] && lesser[15], 15'd0};
    else if (rounded[15:10] >= 6'd31) result_o = {greater[15], 15'h7C00};
    else result_o = {greater[15], rounded[14:0]};
  end
endmodule
