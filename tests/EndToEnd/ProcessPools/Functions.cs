using Queued.Client;
using Queued.Worker;

namespace Queued.EndToEnd.Tests.ProcessPools;

/// <summary>What the tests run in other processes.</summary>
internal static class Functions
{
    public static int Square(int number) => number * number;

    public static int ProcessId(int ignored) => Environment.ProcessId;

    public static async Task<int> WaitForeverAsync(int input, TaskContext task)
    {
        await new TaskCompletionSource().Task.WaitAsync(task.CancellationToken);
        return input;
    }

    public static int FailOnSeven(int number) =>
        number == 7 ? throw new InvalidDataException("seven is not for us") : number * number;

    /// <summary>Ends its process without a word, in each attempt.</summary>
    public static int DieOnSeven(int number)
    {
        if (number == 7)
            System.Diagnostics.Process.GetCurrentProcess().Kill();
        return number * number;
    }

    /// <summary>Ends its process in the first attempt.</summary>
    public static async Task<int> DieOnceAsync(int number, TaskContext task)
    {
        await Task.Yield();
        if (task.Attempt == 1)
            Environment.FailFast("the first attempt dies");
        return number + task.Attempt;
    }

    /// <summary>Puts what it is given into a queue of the daemon that it runs under.</summary>
    public static async Task<int> PutAsync((string Queue, int Number) what, TaskContext task)
    {
        await task.Client.Queue<(string, int)>(what.Queue).PutAsync(what, task.CancellationToken);
        return Environment.ProcessId;
    }

    public static (int Sum, string Text) Pair((int Left, int Right) numbers) =>
        (numbers.Left + numbers.Right, $"{numbers.Left}+{numbers.Right}");
}
