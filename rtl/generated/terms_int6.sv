// Generated from quant/ by testbenches/tables/tables.cpp; do not edit.
// Terms of int6: reference for proofs of term_encoder.
module terms_int6 (
  input  logic [7:0]  code_i,
  input  logic [1:0]  selector_i,
  input  logic [7:0]  zero_i,
  input  logic [2:0]  index_i,    // number of the term
  output logic        legal_o,
  output logic [7:0]  term_o,     // {negative, nonzero, shift x6}
  output logic [13:0] control_o
);
  logic [23:0] terms;
  assign control_o = 14'h000c;
  assign term_o = 8'(terms >> {index_i, 3'b000});
  always_comb begin
    legal_o = 1'b1;
    unique case ({zero_i, selector_i, code_i})
      {8'h00, 2'd0, 8'h00}: terms = 24'h000000;
      {8'h00, 2'd0, 8'h01}: terms = 24'h000040;
      {8'h00, 2'd0, 8'h02}: terms = 24'h0042c1;
      {8'h00, 2'd0, 8'h03}: terms = 24'h0042c0;
      {8'h00, 2'd0, 8'h04}: terms = 24'h004200;
      {8'h00, 2'd0, 8'h05}: terms = 24'h004240;
      {8'h00, 2'd0, 8'h06}: terms = 24'h0043c1;
      {8'h00, 2'd0, 8'h07}: terms = 24'h0043c0;
      {8'h00, 2'd0, 8'h08}: terms = 24'h44c300;
      {8'h00, 2'd0, 8'h09}: terms = 24'h44c340;
      {8'h00, 2'd0, 8'h0a}: terms = 24'h44c2c1;
      {8'h00, 2'd0, 8'h0b}: terms = 24'h44c2c0;
      {8'h00, 2'd0, 8'h0c}: terms = 24'h44c200;
      {8'h00, 2'd0, 8'h0d}: terms = 24'h44c240;
      {8'h00, 2'd0, 8'h0e}: terms = 24'h4400c1;
      {8'h00, 2'd0, 8'h0f}: terms = 24'h4400c0;
      {8'h00, 2'd0, 8'h10}: terms = 24'h440000;
      {8'h00, 2'd0, 8'h11}: terms = 24'h440040;
      {8'h00, 2'd0, 8'h12}: terms = 24'h4442c1;
      {8'h00, 2'd0, 8'h13}: terms = 24'h4442c0;
      {8'h00, 2'd0, 8'h14}: terms = 24'h444200;
      {8'h00, 2'd0, 8'h15}: terms = 24'h444240;
      {8'h00, 2'd0, 8'h16}: terms = 24'h4443c1;
      {8'h00, 2'd0, 8'h17}: terms = 24'h4443c0;
      {8'h00, 2'd0, 8'h18}: terms = 24'h45c300;
      {8'h00, 2'd0, 8'h19}: terms = 24'h45c340;
      {8'h00, 2'd0, 8'h1a}: terms = 24'h45c2c1;
      {8'h00, 2'd0, 8'h1b}: terms = 24'h45c2c0;
      {8'h00, 2'd0, 8'h1c}: terms = 24'h45c200;
      {8'h00, 2'd0, 8'h1d}: terms = 24'h45c240;
      {8'h00, 2'd0, 8'h1e}: terms = 24'h4500c1;
      {8'h00, 2'd0, 8'h1f}: terms = 24'h4500c0;
      {8'h00, 2'd0, 8'he0}: terms = 24'hc50000;
      {8'h00, 2'd0, 8'he1}: terms = 24'hc50040;
      {8'h00, 2'd0, 8'he2}: terms = 24'hc542c1;
      {8'h00, 2'd0, 8'he3}: terms = 24'hc542c0;
      {8'h00, 2'd0, 8'he4}: terms = 24'hc54200;
      {8'h00, 2'd0, 8'he5}: terms = 24'hc54240;
      {8'h00, 2'd0, 8'he6}: terms = 24'hc543c1;
      {8'h00, 2'd0, 8'he7}: terms = 24'hc543c0;
      {8'h00, 2'd0, 8'he8}: terms = 24'hc4c300;
      {8'h00, 2'd0, 8'he9}: terms = 24'hc4c340;
      {8'h00, 2'd0, 8'hea}: terms = 24'hc4c2c1;
      {8'h00, 2'd0, 8'heb}: terms = 24'hc4c2c0;
      {8'h00, 2'd0, 8'hec}: terms = 24'hc4c200;
      {8'h00, 2'd0, 8'hed}: terms = 24'hc4c240;
      {8'h00, 2'd0, 8'hee}: terms = 24'hc400c1;
      {8'h00, 2'd0, 8'hef}: terms = 24'hc400c0;
      {8'h00, 2'd0, 8'hf0}: terms = 24'hc40000;
      {8'h00, 2'd0, 8'hf1}: terms = 24'hc40040;
      {8'h00, 2'd0, 8'hf2}: terms = 24'hc442c1;
      {8'h00, 2'd0, 8'hf3}: terms = 24'hc442c0;
      {8'h00, 2'd0, 8'hf4}: terms = 24'hc44200;
      {8'h00, 2'd0, 8'hf5}: terms = 24'hc44240;
      {8'h00, 2'd0, 8'hf6}: terms = 24'hc443c1;
      {8'h00, 2'd0, 8'hf7}: terms = 24'hc443c0;
      {8'h00, 2'd0, 8'hf8}: terms = 24'h00c300;
      {8'h00, 2'd0, 8'hf9}: terms = 24'h00c340;
      {8'h00, 2'd0, 8'hfa}: terms = 24'h00c2c1;
      {8'h00, 2'd0, 8'hfb}: terms = 24'h00c2c0;
      {8'h00, 2'd0, 8'hfc}: terms = 24'h00c200;
      {8'h00, 2'd0, 8'hfd}: terms = 24'h00c240;
      {8'h00, 2'd0, 8'hfe}: terms = 24'h0000c1;
      {8'h00, 2'd0, 8'hff}: terms = 24'h0000c0;
      default: begin
        terms = '0;
        legal_o = 1'b0;
      end
    endcase
  end
endmodule
