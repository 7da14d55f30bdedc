using System.Text.Json;
using Queued.Client.ProcessPools;

namespace Queued.Client.Tests.ProcessPools;

public sealed class MethodReferenceTests
{
    private readonly int _state = 3;

    [Fact]
    public async Task A_static_method_is_found_by_its_name()
    {
        Assert.Equal("16", await CallAsync((Func<int, int>)Square, "4"));
        Assert.Equal("\"ab!\"", await CallAsync((Func<string, string>)Overloaded, "\"ab\""));
        Assert.Equal("5", await CallAsync((Func<int, int>)Overloaded, "4"));
    }

    [Fact]
    public async Task Lambdas_and_local_functions_that_capture_nothing_are_found()
    {
        Assert.Equal("8", await CallAsync((int x) => x * 2, "4"));
        Assert.Equal("9", await CallAsync(static (int x) => x * 3 - 3, "4"));
        Assert.Equal("64", await CallAsync((Func<int, int>)Cube, "4"));

        static int Cube(int x) => x * x * x;
    }

    [Fact]
    public async Task Generic_methods_and_types_are_found()
    {
        Assert.Equal("[4,4]", await CallAsync((Func<int, int[]>)Twice, "4"));
        Assert.Equal("[\"a\"]", await CallAsync((Func<string, string[]>)Box<string>.Once, "\"a\""));
    }

    [Fact]
    public async Task Asynchronous_functions_are_waited_for()
    {
        Assert.Equal("16", await CallAsync((Func<int, Task<int>>)SquareLaterAsync, "4"));
        await Assert.ThrowsAsync<InvalidDataException>(() => CallAsync((Func<int, Task<int>>)SquareLaterAsync, "-1"));
    }

    [Fact]
    public async Task An_exception_of_the_function_comes_as_it_is() =>
        await Assert.ThrowsAsync<DivideByZeroException>(() => CallAsync((int x) => 1 / x, "0"));

    [Fact]
    public void What_captures_something_is_refused_by_the_name_of_it()
    {
        var factor = 3;
        var captured = Assert.Throws<ArgumentException>(() => MethodReference.From((int x) => x * factor));
        Assert.Contains("factor", captured.Message, StringComparison.Ordinal);
        Assert.Contains("static", captured.Message, StringComparison.Ordinal);

        var instance = Assert.Throws<ArgumentException>(() => MethodReference.From((Func<int, int>)Multiply));
        Assert.Contains(nameof(MethodReferenceTests), instance.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => MethodReference.From((int x) => x * _state));
    }

    [Fact]
    public void Several_functions_in_one_delegate_are_refused()
    {
        Func<int, int> both = Square;
        both += Overloaded;
        Assert.Throws<ArgumentException>(() => MethodReference.From(both));
    }

    [Fact]
    public void What_another_program_does_not_have_says_so()
    {
        var reference = MethodReference.From((Func<int, int>)Square);
        Assert.Throws<MissingMethodException>(() => (reference with { Type = "No.Such, Thing" }).Resolve());
        Assert.Throws<MissingMethodException>(() => (reference with { Method = "Int32 Gone(Int32)" }).Resolve());
    }

    private static async Task<string> CallAsync(Delegate function, string input)
    {
        var reference = JsonSerializer.Deserialize(
            MethodReference.From(function).ToJson(), MethodReferenceJson.Default.MethodReference)!;
        var call = new FunctionCall(reference, ProcessPoolWorker.Json(null));
        var output = await call.CallAsync(System.Text.Encoding.UTF8.GetBytes(input), null!);
        return JsonSerializer.Serialize(output, call.Output);
    }

    private static int Square(int x) => x * x;

    private static int Overloaded(int x) => x + 1;

    private static string Overloaded(string x) => x + "!";

    private static T[] Twice<T>(T x) => [x, x];

    private static async Task<int> SquareLaterAsync(int x)
    {
        await Task.Yield();
        return x < 0 ? throw new InvalidDataException("negative") : x * x;
    }

    private int Multiply(int x) => x * _state;

    private static class Box<T>
    {
        public static T[] Once(T x) => [x];
    }
}
