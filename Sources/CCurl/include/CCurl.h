#ifndef SIBLING_CCurl_H
#define SIBLING_CCurl_H
/// Opens the library; 0 when it isn't there.
int sibling_curl_open(void);
#endif
