#include "CCurl.h"

int sibling_curl_open(void) { return 0; }
