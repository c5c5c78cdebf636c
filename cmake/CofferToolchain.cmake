# How everything is compiled: standard, warnings, linker, compiler cache, sanitizers.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_CXX_SCAN_FOR_MODULES OFF)

if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang" OR CMAKE_CXX_COMPILER_VERSION VERSION_LESS 19)
    message(FATAL_ERROR "Coffer is built with clang 19 or later (g++ 12 miscompiles coroutines: "
                        "docs/architecture.md). Use the presets: cmake --preset release")
endif()

find_program(COFFER_CCACHE ccache)
if(COFFER_CCACHE)
    # Paths relative to the source directory, so that two checkouts share what was compiled.
    set(CMAKE_CXX_COMPILER_LAUNCHER
        ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${COFFER_CCACHE})
endif()

add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual
                    -Wno-missing-designated-field-initializers -Wthread-safety -Wimplicit-fallthrough
                    -Werror=return-type -Werror=unused-result -fno-omit-frame-pointer -fstack-protector-strong)
add_compile_definitions(_GLIBCXX_ASSERTIONS)
add_link_options(-fuse-ld=lld)

if(CMAKE_BUILD_TYPE STREQUAL "Release")
    set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1")
    add_compile_definitions(_FORTIFY_SOURCE=2)
    # A path of the machine that built it does not belong in the program.
    add_compile_options(-ffile-prefix-map=${CMAKE_SOURCE_DIR}/=)
    add_link_options(-Wl,-z,relro,-z,now -Wl,--gc-sections -Wl,--as-needed)
    add_compile_options(-ffunction-sections -fdata-sections)
endif()

if(COFFER_SANITIZE)
    set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g1")
    add_compile_options(-fsanitize=${COFFER_SANITIZE} -fno-sanitize-recover=all)
    # The check of vtables asks through a pipe whether memory can be read, and errs where no descriptor is left.
    add_compile_options(-fno-sanitize=vptr)
    add_link_options(-fsanitize=${COFFER_SANITIZE})
endif()

if(COFFER_FUZZ)
    # Every library counts its branches for libFuzzer; only the targets in fuzz/ link it.
    add_compile_options(-fsanitize=fuzzer-no-link)
    add_link_options(-fsanitize=fuzzer-no-link)
endif()
