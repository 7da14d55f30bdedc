using System.Text.Json;
using System.Text.Json.Serialization;
using Queued.Worker.Handlers;

namespace Queued.Worker.Tests;

public sealed partial class HandlerTests
{
    private readonly QueuedWorkerOptions _options = new();
    private readonly HandlerTable _table = new();

    private WorkerHandlers Handlers => new(_options, _table);

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("a/b")]
    [InlineData("exec")]
    public void A_bad_name_is_refused(string name) =>
        Assert.Throws<ArgumentException>(() => Handlers.Handle(name, (int x) => x));

    [Fact]
    public void A_name_is_given_once()
    {
        Handlers.Handle("square", (int x) => x * x);
        Assert.Throws<ArgumentException>(() => Handlers.Handle("square", (int x) => x * x));
    }

    [Fact]
    public void A_worker_without_handlers_is_a_mistake() =>
        Assert.Throws<InvalidOperationException>(() => _table.Build(_options.BuildJson()));

    [Fact]
    public void A_type_without_json_metadata_is_told_at_the_start_with_its_handler()
    {
        _options.JsonSerializerOptions = new JsonSerializerOptions { TypeInfoResolver = Known.Default };
        Handlers.Handle("known", (Point point) => point.X).Handle("unknown", (Unknown unknown) => unknown.X);
        var error = Assert.Throws<InvalidOperationException>(() => _table.Build(_options.BuildJson()));

        Assert.Contains("'unknown'", error.Message, StringComparison.Ordinal);
        Assert.Contains(typeof(Unknown).ToString(), error.Message, StringComparison.Ordinal);
        Assert.Contains(nameof(JsonSerializerContext), error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Generated_metadata_goes_before_reflection()
    {
        _options.JsonTypeInfoResolver = Known.Default;
        var json = _options.BuildJson();
        Assert.Same(Known.Default.GetType(), json.GetTypeInfo(typeof(Point)).OriginatingResolver!.GetType());
        Assert.NotNull(json.GetTypeInfo(typeof(Unknown)));
    }

    [Fact]
    public async Task A_method_group_is_a_handler()
    {
        Handlers.Handle<int, int>("square", Square).Handle<int, int>("square-later", SquareLaterAsync);
        var invokers = _table.Build(_options.BuildJson());
        await using var services = new AttemptServices(null);
        var result = await invokers["square"](services, new TaskPayload("12"u8.ToArray()), null!);
        Assert.Equal("144"u8.ToArray(), result.Data.ToArray());
    }

    private static int Square(int x) => x * x;

    private static Task<int> SquareLaterAsync(int x) => Task.FromResult(x * x);

    internal sealed record Point(int X);

    internal sealed record Unknown(int X);

    [JsonSerializable(typeof(Point))]
    internal sealed partial class Known : JsonSerializerContext;
}
