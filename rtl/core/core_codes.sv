// Takes Count codes of 1 to 8 bits from a string of bits and extends each to a byte.
//
// Function    Code i is bits_i bits from bit i * bits_i on; with sign_i its top bit fills the byte, else zeros do. With
//             no bits every code is 0. Combinational.
module core_codes #(
  parameter bit [31:0] Count = 32
) (
  input  logic [Count*8-1:0] string_i,
  input  logic [3:0]         bits_i,
  input  logic               sign_i,
  output logic [Count*8-1:0] codes_o
);
  for (genvar i = 0; i < Count; i++) begin : gen_code
    logic [7:0] code;
    always_comb begin
      unique case (bits_i)
        4'd1: code = {{7{sign_i & string_i[i]}}, string_i[i]};
        4'd2: code = {{6{sign_i & string_i[i*2+1]}}, string_i[i*2 +: 2]};
        4'd3: code = {{5{sign_i & string_i[i*3+2]}}, string_i[i*3 +: 3]};
        4'd4: code = {{4{sign_i & string_i[i*4+3]}}, string_i[i*4 +: 4]};
        4'd5: code = {{3{sign_i & string_i[i*5+4]}}, string_i[i*5 +: 5]};
        4'd6: code = {{2{sign_i & string_i[i*6+5]}}, string_i[i*6 +: 6]};
        4'd7: code = {sign_i & string_i[i*7+6], string_i[i*7 +: 7]};
        4'd8: code = string_i[i*8 +: 8];
        default: code = 8'd0;
      endcase
    end
    assign codes_o[i*8 +: 8] = code;
  end
endmodule
