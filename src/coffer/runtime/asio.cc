// The one place where Asio's own code is compiled; everything else sees declarations.
#include <boost/asio/impl/src.hpp>
