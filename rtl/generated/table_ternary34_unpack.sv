// Generated from quant/ by testbenches/tables/tables.cpp; do not edit.
// Every beat of ternary34_unpack: reference for its proof.
module table_ternary34_unpack (
  input  logic [4:0] in_i,
  output logic [7:0] out_o
);
  always_comb begin
    unique case (in_i)
      5'h00: out_o = 8'h54;
      5'h01: out_o = 8'h74;
      5'h02: out_o = 8'hd4;
      5'h03: out_o = 8'hf4;
      5'h04: out_o = 8'h51;
      5'h05: out_o = 8'h71;
      5'h06: out_o = 8'hd1;
      5'h07: out_o = 8'hf1;
      5'h08: out_o = 8'h45;
      5'h09: out_o = 8'h4d;
      5'h0a: out_o = 8'hc5;
      5'h0b: out_o = 8'hcd;
      5'h0c: out_o = 8'h15;
      5'h0d: out_o = 8'h1d;
      5'h0e: out_o = 8'h35;
      5'h0f: out_o = 8'h3d;
      5'h10: out_o = 8'hfc;
      5'h11: out_o = 8'hdc;
      5'h12: out_o = 8'h7c;
      5'h13: out_o = 8'h5c;
      5'h14: out_o = 8'hf3;
      5'h15: out_o = 8'hd3;
      5'h16: out_o = 8'h73;
      5'h17: out_o = 8'h53;
      5'h18: out_o = 8'hcf;
      5'h19: out_o = 8'hc7;
      5'h1a: out_o = 8'h4f;
      5'h1b: out_o = 8'h47;
      5'h1c: out_o = 8'h3f;
      5'h1d: out_o = 8'h37;
      5'h1e: out_o = 8'h1f;
      5'h1f: out_o = 8'h17;
      default: out_o = '0;
    endcase
  end
endmodule
