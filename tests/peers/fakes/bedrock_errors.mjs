// What Bedrock says when it says no: status, code (in x-amzn-ErrorType) and message of each kind, as they are seen in the field. The messages
// of a model's own refusals begin with "The model returned the following errors: ".
import { randomUUID } from "node:crypto";

const service = ":http://internal.amazon.com/coral/com.amazon.bedrock/";
const front = ":http://internal.amazon.com/coral/com.amazon.coral.service/";

const kinds = {
  bad_request: [400, "ValidationException", service, "Malformed input request, please reformat your input and try again."],
  refused_by_model: [400, "ValidationException", service, "The model returned the following errors: messages: field required"],
  too_long: [400, "ValidationException", service, "The model returned the following errors: prompt is too long: 214523 tokens > 200000 maximum"],
  on_demand: [400, "ValidationException", service, (model) => `Invocation of model ID ${model} with on-demand throughput isn\u2019t supported. Retry your request with the ID or ARN of an inference profile that contains this model.`],
  bad_model: [400, "ValidationException", service, "The provided model identifier is invalid."],
  quota: [400, "ServiceQuotaExceededException", service, "Your request exceeds the service quota for your account."],
  too_large: [413, "RequestEntityTooLargeException", front, "Request size exceeds the limit."],
  no_access: [403, "AccessDeniedException", service, "You don't have access to the model with the specified model ID."],
  no_permission: [403, "AccessDeniedException", service, (model) => `User: arn:aws:sts::111122223333:assumed-role/prism/i-0abc is not authorized to perform: bedrock:InvokeModelWithResponseStream on resource: arn:aws:bedrock:us-east-1::foundation-model/${model} because no identity-based policy allows the bedrock:InvokeModelWithResponseStream action`],
  form_not_filled: [404, "ResourceNotFoundException", service, "Model use case details have not been submitted for this account. Fill out the Anthropic use case details form before using the model. If you have already filled out the form, try again in 15 minutes."],
  not_found: [404, "ResourceNotFoundException", service, "The model version you provided has reached its end of life. Please refer to the AWS documentation for more details."],
  timeout: [408, "ModelTimeoutException", service, "Model has timed out in processing the request. Try your request again."],
  model_error: [424, "ModelErrorException", service, "The system encountered an unexpected error during processing. Try your request again."],
  throttled: [429, "ThrottlingException", service, "Too many requests, please wait before trying again."],
  throttled_tokens: [429, "ThrottlingException", service, "Too many tokens, please wait before trying again."],
  throttled_day: [429, "ThrottlingException", service, "Too many tokens per day, please wait before trying again."],
  not_ready: [429, "ModelNotReadyException", service, "Model is not ready for inference. Please wait and try again."],
  internal: [500, "InternalServerException", service, "The system encountered an unexpected error during processing. Try your request again."],
  unavailable: [503, "ServiceUnavailableException", service, "Bedrock is unable to process your request."],
  overloaded: [503, "ServiceUnavailableException", service, "Too many connections, please wait before trying again."],
  no_signature: [403, "MissingAuthenticationTokenException", front, "Missing Authentication Token"],
  incomplete_signature: [400, "IncompleteSignatureException", front, "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter."],
  bad_signature: [403, "InvalidSignatureException", front, "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details."],
  unknown_token: [403, "UnrecognizedClientException", front, "The security token included in the request is invalid."],
  expired_token: [403, "ExpiredTokenException", front, "The security token included in the request is expired"],
  bad_key: [403, "AccessDeniedException", front, "Authentication failed: Please make sure your API Key is valid."],
  expired_key: [403, "AccessDeniedException", front, "Bearer Token has expired"],
};

export const names = Object.keys(kinds);

export function failure(kind, settings, { message, ask } = {}) {
  const [status, code, suffix, text] = kinds[kind];
  const said = message ?? (typeof text === "function" ? text(ask?.model ?? "unknown") : text);
  const body = suffix === front && kind.endsWith("_key") ? { Message: said } : { message: said };
  return { status, headers: { "x-amzn-requestid": randomUUID(), "x-amzn-errortype": code + suffix }, body };
}

// What can be said in the middle of a stream, after the status 200: the name of the exception in the frame, and its payload.
const exceptions = {
  internal: ["internalServerException", {}],
  model_error: ["modelStreamErrorException", { originalStatusCode: 500, originalMessage: "the model stopped" }],
  bad_request: ["validationException", {}],
  throttled: ["throttlingException", {}],
  unavailable: ["serviceUnavailableException", {}],
};

export const streamNames = Object.keys(exceptions);

export function exception(kind) {
  const [name, more] = exceptions[kind];
  const text = kind === "model_error" ? "The model stream broke off. Try your request again." : kinds[kind][3];
  return { name, payload: { message: text, ...more } };
}
