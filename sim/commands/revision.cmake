# Writes OUT, which defines version() and revision() of revision.hpp. It runs in every build, with SOURCE (the tree's
# root), VERSION and OUT, and leaves OUT alone where nothing changed, so that a new revision compiles one small file.
set(revision "")
execute_process(COMMAND git rev-parse --show-prefix WORKING_DIRECTORY ${SOURCE}
  OUTPUT_VARIABLE prefix RESULT_VARIABLE failed ERROR_QUIET OUTPUT_STRIP_TRAILING_WHITESPACE)
# A prefix says that the tree is a folder inside another repository, whose revision is not ours.
if("${failed}" STREQUAL "0" AND "${prefix}" STREQUAL "")
  execute_process(COMMAND git describe --always --dirty --exclude=* --abbrev=12 WORKING_DIRECTORY ${SOURCE}
    OUTPUT_VARIABLE revision ERROR_QUIET OUTPUT_STRIP_TRAILING_WHITESPACE)
endif()
if("${revision}" STREQUAL "")
  set(revision "unknown")
endif()
set(code "#include \"sim/commands/revision.hpp\"

namespace subbyte::sim {

const char* version() { return \"${VERSION}\"; }
const char* revision() { return \"${revision}\"; }

}  // namespace subbyte::sim
")
set(old "")
if(EXISTS ${OUT})
  file(READ ${OUT} old)
endif()
if(NOT "${old}" STREQUAL "${code}")
  file(WRITE ${OUT} "${code}")
endif()
