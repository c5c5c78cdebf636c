# coffer_library(<name> SOURCES <files> [TESTS <files>] [DEPENDS <libraries>] [PRIVATE_DEPENDS <libraries>])
#
# One folder of src/coffer is one static library, coffer_<name>, with every file named. TESTS are the *_test.cc
# files that stand beside the code; they become one program, coffer_<name>_test, that ctest runs under the label
# "unit".
function(coffer_library name)
    cmake_parse_arguments(ARG "" "" "SOURCES;TESTS;DEPENDS;PRIVATE_DEPENDS;TEST_DEPENDS" ${ARGN})
    add_library(coffer_${name} STATIC ${ARG_SOURCES})
    target_include_directories(coffer_${name} PUBLIC ${CMAKE_SOURCE_DIR}/src)
    # The headers are named as such, so that tests/house can have each of them compiled alone.
    set(headers ${ARG_SOURCES})
    list(FILTER headers INCLUDE REGEX "\\.h$")
    target_sources(coffer_${name} PUBLIC FILE_SET HEADERS BASE_DIRS ${CMAKE_SOURCE_DIR}/src FILES ${headers})
    set_target_properties(coffer_${name} PROPERTIES VERIFY_INTERFACE_HEADER_SETS ON)
    target_link_libraries(coffer_${name} PUBLIC ${ARG_DEPENDS} PRIVATE ${ARG_PRIVATE_DEPENDS})
    if(ARG_TESTS)
        coffer_test(coffer_${name}_test SOURCES ${ARG_TESTS} LABEL unit
                    DEPENDS coffer_${name} ${ARG_PRIVATE_DEPENDS} ${ARG_TEST_DEPENDS})
    endif()
endfunction()

# coffer_test(<name> SOURCES <files> [LABEL <label>] [DEPENDS <libraries>]): a GoogleTest program under ctest.
function(coffer_test name)
    cmake_parse_arguments(ARG "" "LABEL;TIMEOUT" "SOURCES;DEPENDS" ${ARGN})
    if(NOT ARG_LABEL)
        set(ARG_LABEL unit)
    endif()
    if(NOT ARG_TIMEOUT)
        set(ARG_TIMEOUT 300)
    endif()
    add_executable(${name} ${ARG_SOURCES})
    target_link_libraries(${name} PRIVATE ${ARG_DEPENDS} GTest::gmock_main)
    add_test(NAME ${name} COMMAND ${name} --gtest_brief=1)
    set_tests_properties(${name} PROPERTIES LABELS "${ARG_LABEL}" TIMEOUT ${ARG_TIMEOUT})
endfunction()
