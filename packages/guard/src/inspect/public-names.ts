/**
 * Field names that other services publish and this guard refuses. A refusal may repeat them, because they are not a
 * caller's own words. Any other unknown name is refused without being repeated.
 *
 * Source: the public API references of each.
 * @module
 */

const names = (list: string): string[] => list.split(/\s+/).filter((name) => name !== "")

const VLLM = names(`
  add_generation_prompt add_special_tokens allowed_token_ids bad_words best_of cache_salt chat_template
  chat_template_kwargs continue_final_message documents echo guided_choice guided_decoding_backend guided_grammar
  guided_json guided_regex guided_whitespace_pattern ignore_eos include_reasoning include_stop_str_in_output
  kv_transfer_params length_penalty logits_processors media_io_kwargs min_tokens mm_processor_kwargs priority
  prompt_logprobs request_id return_token_ids return_tokens_as_token_ids skip_special_tokens
  spaces_between_special_tokens stop_token_ids structural_tag structured_outputs thinking_token_budget
  truncate_prompt_tokens use_beam_search vllm_xargs`)

const SGLANG = names(`
  custom_logit_processor custom_params ebnf lora_path min_new_tokens no_stop_trim regex return_hidden_states rid
  separate_reasoning session_params stream_reasoning`)

const OLLAMA = names("context format images keep_alive num_ctx num_predict options raw system template think truncate")

const LLAMA_CPP = names(`
  cache_prompt dry_allowed_length dry_base dry_multiplier dry_penalty_last_n dynatemp_exponent dynatemp_range grammar
  id_slot json_schema lora mirostat mirostat_eta mirostat_tau n_keep n_predict n_probs parse_tool_calls
  post_sampling_probs reasoning_format repeat_last_n repeat_penalty return_progress samplers slot_id
  thinking_forced_open timings_per_token typical_p xtc_probability xtc_threshold`)

const LM_STUDIO = names("draft_model ttl")

const LITELLM = names(`
  additional_drop_params allowed_openai_params api_base api_key api_version base_url cache cache_control caching
  custom_llm_provider deployment_id drop_params extra_body extra_headers extra_query fallbacks guardrail_config
  guardrails litellm_call_id litellm_metadata litellm_params litellm_session_id litellm_trace_id max_retries
  mock_response model_list no-log num_retries organization request_timeout stream_timeout tags timeout`)

const OPENROUTER = names(`
  debug models plugins preset provider reasoning reasoning_details route session_id top_a trace transforms usage`)

const ANTHROPIC = names(`
  anthropic_version betas container max_tokens_to_sample mcp_servers output_config stop_sequences thinking
  thinking_blocks`)

const AZURE = names("data_sources dataSources enhancements user_security_context")

const OTHERS = names(`
  cached_content citation_options compound_custom context_length_exceeded_behavior deferred disable_tool_validation
  enable_search enable_thinking exclude_domains generation_config include_domains partial prefix prompt_mode
  prompt_truncate_len random_seed return_citations return_images return_related_questions safe_prompt safety_model
  safety_settings search_domain_filter search_mode search_parameters search_recency_filter search_settings
  thinking_budget thinking_config`)

/** Names that APIs of this family publish and some endpoint does not have. */
const OPENAI = names(`
  audio background completion_config context_management conversation file_ids function_call functions include
  input_fidelity instructions max_completion_tokens max_output_tokens max_tokens mask metadata modalities n
  parallel_tool_calls prediction previous_response_id prompt provider_specific_fields reasoning_effort
  response_format seed service_tier stop store stream stream_options style suffix temperature text tool_choice
  tool_resources tools top_k top_logprobs top_p truncation user verbosity web_search_options weight`)

/** Public kinds of parts, items and tools. */
const KINDS = names(`
  apply_patch audio audio_url code_execution code_interpreter computer computer_use_preview document file file_search
  image image_file input_audio input_file item_reference local_shell mcp redacted_thinking search_result
  server_tool_use shell thinking tool_result tool_use video video_url web_fetch web_search web_search_preview`)

/** All of these names. */
export const PUBLIC_NAMES: ReadonlySet<string> = new Set([
  ...[VLLM, SGLANG, OLLAMA, LLAMA_CPP, LM_STUDIO, LITELLM, OPENROUTER, ANTHROPIC, AZURE, OTHERS, OPENAI, KINDS].flat(),
])
