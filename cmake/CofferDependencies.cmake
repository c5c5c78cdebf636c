# Third-party libraries: Debian's packages, each with one home in the tree (named beside it). A folder links what is
# at home there; nobody else does.

find_package(Threads REQUIRED)
find_package(Boost 1.81.0 EXACT CONFIG REQUIRED COMPONENTS json url)  # Outcome: base; Asio: runtime; JSON, URL: codec; Beast: http
find_package(fmt REQUIRED)                                   # base
find_package(spdlog REQUIRED)                                # base
find_package(OpenSSL 3 REQUIRED)                             # digests: codec; TLS: http
find_library(COFFER_ARGON2_LIBRARY argon2 REQUIRED)           # codec: OpenSSL has Argon2 from 3.2 on, Debian 12 has 3.0
find_package(pugixml REQUIRED)                               # codec
find_package(ZLIB REQUIRED)                                  # codec
find_package(prometheus-cpp CONFIG REQUIRED)                 # runtime
find_package(SQLite3 REQUIRED)                               # db
find_package(tomlplusplus REQUIRED)                          # app
find_package(yaml-cpp REQUIRED)                              # app
find_package(CLI11 REQUIRED)                                 # app
find_package(GTest REQUIRED)                                 # tests
find_package(benchmark REQUIRED)                             # bench

add_library(coffer_argon2 INTERFACE)
target_link_libraries(coffer_argon2 INTERFACE ${COFFER_ARGON2_LIBRARY})

# Asio and Beast are compiled once (runtime/asio.cc, http/beast.cc), not in every file that includes them.
add_library(coffer_boost INTERFACE)
target_link_libraries(coffer_boost INTERFACE Boost::headers Threads::Threads)
target_compile_definitions(coffer_boost INTERFACE
    BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED
    BOOST_ASIO_DISABLE_HANDLER_TYPE_REQUIREMENTS)
