// Debian's libsystemc.so brings a `main` that calls sc_main and leaves sc_main undefined. The program keeps
// its own main and elaborates models itself, so this stub only resolves the symbol (forced in by
// --undefined=sc_main).
#include <systemc>

extern "C" int sc_main(int /*argc*/, char* /*argv*/[]) { return 0; }
