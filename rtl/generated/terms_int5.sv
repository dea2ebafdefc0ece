// Generated from quant/ by testbenches/tables/tables.cpp; do not edit.
// Terms of int5: reference for proofs of term_encoder.
module terms_int5 (
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
