// Adds the products of two blocks of minifloats (ARITHMETIC.md 10). Window = 0 is exact, in units of the product of
// two of the smallest subnormals, with exponent_o = 0. Window > 0 puts significands at the top of Window bits, shifted
// right to the largest exponent of nonzero products, exponent_o (0 without any); what falls below is lost. nan_o (also
// for Inf - Inf) goes first, then infinite_o of sign negative_o, and otherwise the sum counts. It is combinational.
module minifloat_dot #(
  parameter bit [31:0] Block = 32,
  parameter bit [31:0] ExpBits = 4,
  parameter bit [31:0] ManBits = 3,
  parameter bit [31:0] Special = 1,
  parameter bit [31:0] Window = 0,
  parameter bit [31:0] SumWidth = 42,
  localparam bit [31:0] Bits = 1 + ExpBits + ManBits
) (
  input  logic [Block*Bits-1:0] a_i,
  input  logic [Block*Bits-1:0] b_i,
  output logic [SumWidth-1:0]   sum_o,
  output logic [ExpBits:0]      exponent_o,
  output logic                  nan_o,
  output logic                  infinite_o,
  output logic                  negative_o
);
  localparam bit [31:0] SigWidth = 2 * ManBits + 2;
  localparam bit [31:0] EW = ExpBits + 1;
  // Exact: the largest product of numbers lies at 2 (2^ExpBits - 1) - 2, one less each where that field is Inf and NaN.
  localparam bit [31:0] Reach = 2 * (2 ** ExpBits - 2) - ((Special == 2) ? 2 : 0);
  localparam bit [31:0] Width = (Window != 0) ? Window : SigWidth + Reach;

  logic [Block-1:0]          negative, nan, infinite;
  logic [Block*SigWidth-1:0] significand;
  logic [Block*EW-1:0]       exponent;
  logic [Block*Width-1:0]    aligned;

  for (genvar i = 0; i < Block; i++) begin : gen_product
    minifloat_product #(.ExpBits(ExpBits), .ManBits(ManBits), .Special(Special)) u_product (
      .a_i(a_i[i*Bits +: Bits]), .b_i(b_i[i*Bits +: Bits]), .negative_o(negative[i]),
      .significand_o(significand[i*SigWidth +: SigWidth]), .exponent_o(exponent[i*EW +: EW]),
      .nan_o(nan[i]), .infinite_o(infinite[i]));
  end

  if (Window == 0) begin : gen_exact
    assign exponent_o = '0;
    for (genvar i = 0; i < Block; i++) begin : gen_align
      // The exponent is 2 or more, so two low bits are always 0.
      logic [Width+1:0] shifted;
      logic [1:0] unused_zeros;
      assign shifted = (Width+2)'(significand[i*SigWidth +: SigWidth]) << exponent[i*EW +: EW];
      assign {aligned[i*Width +: Width], unused_zeros} = shifted;
    end
  end else begin : gen_window
    // This is a tree of maxima: node 0 is the largest, and the leaves are the last Block nodes.
    logic [(2*Block-1)*EW-1:0] node;
    always_comb begin : largest
      for (int unsigned i = 0; i < Block; i++) begin
        node[(Block-1+i)*EW +: EW] = exponent[i*EW +: EW] & {EW{|significand[i*SigWidth +: SigWidth]}};
      end
      for (int unsigned i = Block - 1; i > 0; i--) begin
        node[(i-1)*EW +: EW] =
            (node[(2*i-1)*EW +: EW] > node[2*i*EW +: EW]) ? node[(2*i-1)*EW +: EW] : node[2*i*EW +: EW];
      end
    end
    assign exponent_o = node[0 +: EW];
    for (genvar i = 0; i < Block; i++) begin : gen_align
      logic [EW-1:0] distance;
      assign distance = node[0 +: EW] - exponent[i*EW +: EW];
      assign aligned[i*Width +: Width] = {significand[i*SigWidth +: SigWidth], {(Window-SigWidth){1'b0}}} >> distance;
    end
  end

  signed_sum #(.Count(Block), .Width(Width), .SumWidth(SumWidth)) u_sum (
    .magnitude_i(aligned), .negative_i(negative), .sum_o(sum_o));

  if (Special == 2) begin : gen_infinite
    assign infinite_o = |infinite;
    assign negative_o = |(infinite & negative);
    assign nan_o = |nan || (negative_o && |(infinite & ~negative));
  end else begin : gen_no_infinite
    logic unused_infinite;
    assign unused_infinite = |infinite;
    assign {infinite_o, negative_o} = 2'b00;
    assign nan_o = |nan;
  end
endmodule
