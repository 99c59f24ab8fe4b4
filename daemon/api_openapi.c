/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* api_openapi.c - openapi.json within the program: the assembler puts the file into its memory. */
#include "api_openapi.h"

__asm__(".pushsection .rodata\n"
	".global api_openapi_begin\n"
	".global api_openapi_end\n"
	"api_openapi_begin:\n"
	".incbin \"daemon/openapi.json\"\n"
	"api_openapi_end:\n"
	".byte 0\n"
	".popsection\n");

enum MHD_Result api_answer_openapi(const struct api_request *request)
{
	struct MHD_Response *response =
		MHD_create_response_from_buffer((size_t)(api_openapi_end - api_openapi_begin),
						(void *)api_openapi_begin, MHD_RESPMEM_PERSISTENT);

	return api_reply(request, MHD_HTTP_OK, response, API_JSON_TYPE);
}
