// Generated from quant/ by testbenches/tables/tables.cpp; do not edit.
// Every beat of matquant_slice: reference for its proof.
module table_matquant_slice (
  input  logic [4:0] in_i,
  output logic [3:0] out_o
);
  always_comb begin
    unique case (in_i)
      5'h00: out_o = 4'h0;
      5'h01: out_o = 4'h1;
      5'h02: out_o = 4'h1;
      5'h03: out_o = 4'h2;
      5'h04: out_o = 4'h2;
      5'h05: out_o = 4'h3;
      5'h06: out_o = 4'h3;
      5'h07: out_o = 4'h4;
      5'h08: out_o = 4'h4;
      5'h09: out_o = 4'h5;
      5'h0a: out_o = 4'h5;
      5'h0b: out_o = 4'h6;
      5'h0c: out_o = 4'h6;
      5'h0d: out_o = 4'h7;
      5'h0e: out_o = 4'h7;
      5'h0f: out_o = 4'h8;
      5'h10: out_o = 4'h8;
      5'h11: out_o = 4'h9;
      5'h12: out_o = 4'h9;
      5'h13: out_o = 4'ha;
      5'h14: out_o = 4'ha;
      5'h15: out_o = 4'hb;
      5'h16: out_o = 4'hb;
      5'h17: out_o = 4'hc;
      5'h18: out_o = 4'hc;
      5'h19: out_o = 4'hd;
      5'h1a: out_o = 4'hd;
      5'h1b: out_o = 4'he;
      5'h1c: out_o = 4'he;
      5'h1d: out_o = 4'hf;
      5'h1e: out_o = 4'hf;
      5'h1f: out_o = 4'hf;
      default: out_o = '0;
    endcase
  end
endmodule
