// Adds IEEE 754 binary32, rounds to nearest even and keeps subnormals; every NaN is 0x7FC00000. It is combinational.
module fp32_add (
  input  logic [31:0] a_i,
  input  logic [31:0] b_i,
  output logic [31:0] sum_o
);
  // The operand of larger magnitude comes first.
  logic swap;
  logic [31:0] high, low;
  assign swap = a_i[30:0] < b_i[30:0];
  assign high = swap ? b_i : a_i;
  assign low = swap ? a_i : b_i;

  logic [7:0] high_exp, low_exp;
  logic [26:0] high_field, low_field, low_aligned;
  assign high_exp = (high[30:23] == 8'd0) ? 8'd1 : high[30:23];
  assign low_exp = (low[30:23] == 8'd0) ? 8'd1 : low[30:23];
  assign high_field = {high[30:23] != 8'd0, high[22:0], 3'b000};
  assign low_field = {low[30:23] != 8'd0, low[22:0], 3'b000};
  jam_shift #(.Width(27), .AmountWidth(8)) u_align (
    .data_i(low_field), .amount_i(high_exp - low_exp), .data_o(low_aligned));

  logic subtract;
  logic [27:0] total;
  assign subtract = high[31] ^ low[31];
  assign total = subtract ? {1'b0, high_field} - {1'b0, low_aligned} : {1'b0, high_field} + {1'b0, low_aligned};

  // The sum is normalised: right by one after a carry, and otherwise left, but never below exponent 1.
  logic [4:0] zeros;
  logic [7:0] room, left;
  logic [26:0] field;
  logic [8:0] exponent;
  leading_zeros #(.Width(27)) u_zeros (.data_i(total[26:0]), .count_o(zeros));
  assign room = high_exp - 8'd1;
  assign left = (8'(zeros) > room) ? room : 8'(zeros);
  assign field = total[27] ? {total[27:2], total[1] | total[0]} : total[26:0] << left[4:0];
  assign exponent = total[27] ? 9'(high_exp) + 9'd1 : 9'(high_exp) - 9'(left);

  logic round_up;
  logic [31:0] rounded;  // 9 exponent bits, 23 fraction bits
  assign round_up = field[2] && (field[1] || field[0] || field[3]);
  assign rounded = {field[26] ? exponent : 9'd0, field[25:3]} + 32'(round_up);

  logic nan, infinite;
  assign infinite = (high[30:23] == 8'hFF);
  assign nan = infinite && ((high[22:0] != 23'd0) || ((low[30:23] == 8'hFF) && subtract));
  always_comb begin
    if (nan) sum_o = 32'h7FC00000;
    else if (infinite) sum_o = high;
    else if (total == 28'd0) sum_o = {high[31] & low[31], 31'd0};
    else if (rounded[31:23] >= 9'd255) sum_o = {high[31], 8'hFF, 23'd0};
    else sum_o = {high[31], rounded[30:0]};
  end

  logic unused_bits;
  assign unused_bits = ^left[7:5];
endmodule
