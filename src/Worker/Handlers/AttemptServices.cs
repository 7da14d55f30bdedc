using Microsoft.Extensions.DependencyInjection;

namespace Queued.Worker.Handlers;

/// <summary>The scope of one attempt, made when its handler first asks for a service.</summary>
internal sealed class AttemptServices(IServiceScopeFactory? scopes) : IAsyncDisposable
{
    private AsyncServiceScope? _scope;

    internal T Get<T>() where T : notnull
    {
        if (scopes is null)
        {
            throw new InvalidOperationException(
                $"The handler class {typeof(T)} needs the worker to run under the generic host.");
        }

        _scope ??= scopes.CreateAsyncScope();
        return _scope.Value.ServiceProvider.GetRequiredService<T>();
    }

    public ValueTask DisposeAsync() => _scope?.DisposeAsync() ?? ValueTask.CompletedTask;
}
