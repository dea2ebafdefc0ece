// A Liberty library so small that its energies can be worked out by hand.
#pragma once

namespace subbyte::sim {

/// An inverter with 2 fF input whose tables are constant, and a flip-flop.
inline constexpr const char* kEnergyLibrary = R"lib(library (tiny) {
  time_unit : "1ns"; voltage_unit : "1V"; capacitive_load_unit (1, ff); leakage_power_unit : "1nW";
  nom_voltage : 2; nom_temperature : 25; nom_process : 1;
  cell (INV) { area : 1; cell_leakage_power : 2;
    leakage_power () { when : "A"; value : 5; }
    leakage_power () { when : "!A"; value : 1; }
    pin (A) { direction : input; capacitance : 2; }
    pin (Y) { direction : output; function : "!A";
      timing () { related_pin : "A"; timing_sense : negative_unate;
        cell_rise (scalar) { values ("1"); } cell_fall (scalar) { values ("1"); }
        rise_transition (scalar) { values ("1"); } fall_transition (scalar) { values ("1"); } }
      internal_power () { related_pin : "A";
        rise_power (scalar) { values ("7"); } fall_power (scalar) { values ("1"); } } } }
  cell (DFF) { area : 4; cell_leakage_power : 10;
    ff (IQ, IQN) { next_state : "D"; clocked_on : "CK"; }
    pin (D) { direction : input; capacitance : 3;
      timing () { related_pin : "CK"; timing_type : setup_rising;
        rise_constraint (scalar) { values ("1"); } fall_constraint (scalar) { values ("1"); } }
      internal_power () { when : "CK & Q"; rise_power (scalar) { values ("4"); } fall_power (scalar) { values ("4"); } }
      internal_power () { when : "!(CK & Q)";
        rise_power (scalar) { values ("2"); } fall_power (scalar) { values ("2"); } } }
    pin (CK) { direction : input; clock : true; capacitance : 5;
      internal_power () { when : "D"; rise_power (scalar) { values ("10"); } fall_power (scalar) { values ("20"); } }
      internal_power () { when : "!D"; rise_power (scalar) { values ("30"); } fall_power (scalar) { values ("40"); } } }
    pin (Q) { direction : output; function : "IQ";
      timing () { related_pin : "CK"; timing_type : rising_edge;
        cell_rise (scalar) { values ("1"); } cell_fall (scalar) { values ("1"); }
        rise_transition (scalar) { values ("1"); } fall_transition (scalar) { values ("1"); } }
      internal_power () { related_pin : "CK";
        rise_power (scalar) { values ("100"); } fall_power (scalar) { values ("300"); } } } }
})lib";

}  // namespace subbyte::sim
