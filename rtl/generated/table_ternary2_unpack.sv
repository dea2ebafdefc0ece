// Generated from quant/ by testbenches/tables/tables.cpp; do not edit.
// Every beat of ternary2_unpack: reference for its proof.
module table_ternary2_unpack (
  input  logic [1:0] in_i,
  output logic [1:0] out_o
);
  always_comb begin
    unique case (in_i)
      2'h0: out_o = 2'h3;
      2'h1: out_o = 2'h0;
      2'h2: out_o = 2'h1;
      2'h3: out_o = 2'h0;
      default: out_o = '0;
    endcase
  end
endmodule
