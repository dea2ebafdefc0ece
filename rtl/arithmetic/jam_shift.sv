// Shifts a magnitude right. The bits shifted out are ORed into the lowest bit ("jam", ARITHMETIC.md), or dropped when
// Truncate = 1. An amount of Width or more leaves only the jammed bit. It is combinational.
module jam_shift #(
  parameter bit [31:0] Width = 17,
  parameter bit [31:0] AmountWidth = 6,
  parameter bit [31:0] Truncate = 0
) (
  input  logic [Width-1:0]       data_i,
  input  logic [AmountWidth-1:0] amount_i,
  output logic [Width-1:0]       data_o
);
  logic [Width-1:0] shifted;
  assign shifted = data_i >> amount_i;

  if (Truncate != 0) begin : gen_truncate
    assign data_o = shifted;
  end else begin : gen_jam
    logic [Width-1:0] kept_mask;
    logic lost;
    assign kept_mask = {Width{1'b1}} << amount_i;
    assign lost = |(data_i & ~kept_mask);
    assign data_o = shifted | Width'(lost);
  end
endmodule
