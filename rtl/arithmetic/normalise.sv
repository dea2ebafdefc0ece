// Shifts a magnitude left until its top bit is 1; zeros_o is how far. Of 0 nothing but normalised_o = 0 counts. It is
// combinational.
module normalise #(
  parameter bit [31:0] Width = 32,
  localparam bit [31:0] CountWidth = $clog2(Width)
) (
  input  logic [Width-1:0]      data_i,
  output logic [Width-1:0]      normalised_o,
  output logic [CountWidth-1:0] zeros_o
);
  always_comb begin
    normalised_o = data_i;
    zeros_o = '0;
    for (int unsigned k = 0; k < CountWidth; k++) begin
      // The steps are 2^(CountWidth-1) .. 1.
      if ((normalised_o >> (Width - 2 ** (CountWidth - 1 - k))) == '0) begin
        normalised_o = normalised_o << 2 ** (CountWidth - 1 - k);
        zeros_o[CountWidth-1-k] = 1'b1;
      end
    end
  end
endmodule
