using System.Text.Json.Serialization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Queued.Samples.Worker;
using Queued.Worker;

// A worker under the generic host, compiled to native code: its handlers are classes that get what they need injected,
// and JSON is read and written by generated code.
var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { Args = args });
builder.Logging.AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
builder.Services.AddSingleton<Dictionary>();
builder.Services
    .AddQueuedWorker(options => options.JsonTypeInfoResolver = SampleJson.Default)
    .AddHandler<CountWords>("count-words")
    .AddHandler("square", (int number) => number * number);
await builder.Build().RunAsync();

namespace Queued.Samples.Worker
{
    internal sealed record Text(string Body);

    internal sealed record WordCount(int Words, int Known);

    internal sealed class Dictionary
    {
        private readonly HashSet<string> _words = new(["queue", "task", "worker"], StringComparer.OrdinalIgnoreCase);

        public bool Knows(string word) => _words.Contains(word);
    }

    internal sealed class CountWords(Dictionary dictionary) : ITaskHandler<Text, WordCount>
    {
        public Task<WordCount> HandleAsync(Text input, TaskContext context)
        {
            var words = input.Body.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            context.ReportProgress(words.Length, words.Length);
            context.Log($"attempt {context.Attempt} of task {context.TaskId}");
            return Task.FromResult(new WordCount(words.Length, words.Count(dictionary.Knows)));
        }
    }

    [JsonSerializable(typeof(Text))]
    [JsonSerializable(typeof(WordCount))]
    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
    internal sealed partial class SampleJson : JsonSerializerContext;
}
